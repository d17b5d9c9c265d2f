// Command peil turns the member and loan data of a public library into what CBS, analysts
// and KB need, with care for the members. See README.md.
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"peil/pipeline/config"
	"peil/pipeline/exit"
)

func main() { os.Exit(run()) }

// run is main with an exit status.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	keepMemoryIn()
	// What a run writes is for its owner alone, whoever started it.
	syscall.Umask(0o077)
	a := &app{stdout: os.Stdout, stderr: os.Stderr, env: os.LookupEnv, now: time.Now, random: rand.Reader}
	root := a.command()
	err := root.ExecuteContext(ctx)
	if err == nil {
		return a.status
	}
	status, err := a.statusOf(ctx, err)
	a.fail(err, status)
	return status
}

// statusOf is the exit status that an error means, and the error in words that help.
func (a *app) statusOf(ctx context.Context, err error) (int, error) {
	var failed *exit.Error
	var bad *config.Error
	switch {
	case ctx.Err() != nil:
		return exit.Interrupted, errors.New("interrupted; nothing was left half-written, run again to do the rest")
	case errors.As(err, &failed):
		return failed.Status, err
	case errors.As(err, &bad), !a.began:
		return exit.Usage, err
	}
	return exit.Failed, err
}

// command is the root of all commands.
func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:   "peil",
		Short: "Figures about a public library's members and loans, made with care",
		Long: "peil reads what a library system exports, and makes the yearly member file for CBS, the report of\n" +
			"new members for analysts, the weekly anonymous files for KB and the yearly return, from one\n" +
			"configuration file. Begin with: peil demo",
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: func(cmd *cobra.Command, args []string) error { return a.begin() },
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	flags := root.PersistentFlags()
	flags.StringVar(&a.config, "config", "", "configuration `FILE` (default $PEIL_CONFIG, else ./peil.yaml)")
	flags.StringVar(&a.format, "format", "text", "of the results: text or json")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "no progress, only results, warnings and errors")
	flags.BoolVarP(&a.verbose, "verbose", "v", false, "a line for every step")
	root.MarkFlagsMutuallyExclusive("quiet", "verbose")
	root.AddCommand(a.demoCommand(), a.initCommand(), a.checkCommand(), a.planCommand(), a.runCommand(), a.freezeCommand(),
		a.verifyCommand(), a.statusCommand(), a.deliverCommand(), a.compareCommand(), a.ledgerCommand(), a.subjectCommand(), a.docsCommand(),
		a.protectCommand(), a.purgeCommand(), a.keyCommand(), a.benchCommand(), a.versionCommand())
	return root
}
