package main

import (
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"peil/pipeline"
	"peil/pipeline/config"
	"peil/pipeline/demo"
	"peil/pipeline/exit"
)

func (a *app) demoCommand() *cobra.Command {
	o := demo.Options{}
	var asOf string
	cmd := &cobra.Command{
		Use:   "demo [DIR]",
		Short: "Make a fictional library in a new folder (default peil-demo) and run everything on it",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Dir = "peil-demo"
			if len(args) == 1 {
				o.Dir = args[0]
			}
			p := a.progress()
			now := a.now()
			o.AsOf = now
			if asOf != "" {
				d, err := config.ParseDate(asOf)
				if err != nil {
					return exit.Usagef("--as-of: %w", err)
				}
				o.AsOf = d.Time
			}
			o.Progress = func(what string) { p.event(pipeline.Event{Kind: pipeline.StepBegun, Text: "write " + what}) }
			made, err := demo.Generate(cmd.Context(), o)
			if err != nil {
				return err
			}
			c, err := config.Load(made.ConfigPath)
			if err != nil {
				return err
			}
			day, err := a.day("as-of", o.AsOf.Format("2006-01-02"), c)
			if err != nil {
				return err
			}
			s, err := pipeline.Run(cmd.Context(), pipeline.Options{
				Config: c, AsOf: day, Version: version(), Env: a.env, Now: a.now, Random: a.random, Events: p.event,
			})
			p.clear()
			if err != nil {
				return err
			}
			a.status = s.ExitStatus()
			if err := a.summary(s); err != nil || a.json() {
				return err
			}
			return a.tour(o.Dir, made, s)
		},
	}
	flags := cmd.Flags()
	libraryFlags(flags, &o)
	flags.StringVar(&asOf, "as-of", "", "`DATE` of the export and the run, YYYY-MM-DD (default today)")
	return cmd
}

// libraryFlags say what fictional library to make.
func libraryFlags(flags *pflag.FlagSet, o *demo.Options) {
	flags.IntVar(&o.Members, "members", 25_000, "`NUMBER` of member records")
	flags.IntVar(&o.Loans, "loans", 500_000, "`NUMBER` of loan events")
	flags.IntVar(&o.Branches, "branches", 8, "`NUMBER` of branches")
	flags.IntVar(&o.Organisations, "organisations", 1, "`NUMBER` of organisations among which the branches are divided")
	flags.Uint64Var(&o.Seed, "seed", 1, "`NUMBER` that everything is drawn from: the same one gives the same library")
	flags.IntVar(&o.Threads, "threads", 0, "`NUMBER` of threads in the configuration that is written (0: one a core)")
	flags.StringVar(&o.Memory, "memory", "2GB", "`SIZE` of limits.memory in the configuration that is written")
}

// tour tells where to look.
func (a *app) tour(dir string, made demo.Made, s *pipeline.Summary) error {
	store := filepath.Join(dir, "out")
	a.printf("\nA fictional library is in %s: its exports in data/, its configuration in peil.yaml.\nLook at\n", dir)
	a.printf("  %s\n", filepath.Join(store, "public", "index.html"))
	for _, name := range []string{"new-members", "quality", "cbs"} {
		for _, o := range s.Outputs {
			if o.Name != name {
				continue
			}
			for _, f := range o.Folders {
				folder := filepath.Join(store, filepath.FromSlash(f))
				if name == "cbs" {
					a.printf("Open the file for CBS as its recipient would, with age (age-encryption.org):\n  age -d -i %s %s\n", made.IdentityPath, filepath.Join(folder, "cbs-*.csv.age"))
				} else {
					a.printf("  %s\n", filepath.Join(folder, "index.html"))
				}
			}
		}
	}
	a.printf("Run it again: peil run --config %s --as-of %s\n", made.ConfigPath, s.AsOf)
	return nil
}
