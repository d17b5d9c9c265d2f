package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"peil/pipeline/exit"
	"peil/pipeline/rights"
	"peil/pipeline/subject"
)

func (a *app) subjectCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "subject", Short: "The rights of a member: access, export, erase, restrict, object, rectify, lift", Args: cobra.NoArgs,
		Long: "A member is named by the id that the library system knows them by. Without an id in the command it is\n" +
			"asked for, or read from standard input: there it stands in no list of processes and no shell history.\n" +
			"It is kept as a keyed id only.",
	}
	cmd.AddCommand(
		a.accessCommand(), a.exportCommand(),
		a.rightCommand(rights.Erasure, "erase", "Take a member out of all that Peil keeps, and keep them out",
			"Removed are the member's rows in the state that runs leave each other, in the member sets of deliveries,\n"+
				"what was kept of the source, and every file about members that the member is in, sent or not. Figures\n"+
				"that were counted stay: they are of nobody. Later extracts that hold the member are read without them."),
		a.rightCommand(rights.Restriction, "restrict", "Use nothing of a member until it is lifted",
			"What Peil keeps of the member stays; no output is made with it."),
		a.rightCommand(rights.Objection, "object", "Leave a member out of what goes to others: CBS and the KB feeds",
			"The library's own counts (new members, the yearly return) still count the member: nobody can be told from\n"+
				"them, the return is a legal duty, and without them the balance would not close. --list takes a CSV file of\n"+
				"members who objected. Where the library system keeps a flag, name its column source.columns.members.objection."),
		a.rightCommand(rights.Rectification, "rectify", "Write down that a member had something corrected, and list who got the old value",
			"The library system is corrected first; the next run reads the new value. A delivered period that is run\n"+
				"again gets a numbered correction, and once that was sent the register says so."),
		a.liftCommand())
	return cmd
}

// rightCommand is the command for one right.
func (a *app) rightCommand(right rights.Right, verb, short, long string) *cobra.Command {
	var on, list, column string
	o := subject.Options{Right: right}
	cmd := &cobra.Command{
		Use: verb + " [ID]", Short: short, Long: long, Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c, day, err := a.loadFor("on", on)
			if err != nil {
				return err
			}
			if list != "" && len(args) > 0 {
				return exit.Usagef("%s: give an ID or --list, not both", verb)
			}
			if list != "" {
				o.Members, err = subject.ReadMemberList(c, list, column)
			} else {
				o.Members, err = a.memberID(cmd.InOrStdin(), args)
			}
			if err != nil {
				return err
			}
			o.Config, o.On, o.Version, o.Env, o.Now, o.Random = c, day, version(), a.env, a.now, a.random
			done, err := subject.Exercise(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", done)
			}
			a.exercised(done)
			if len(o.Members) > 1 {
				return nil
			}
			a.printf("\n")
			return rights.WriteConfirmation(a.stdout, c.Library.Language, c.Library.Name, done.Reference, right, done.On, done.Told)
		},
	}
	a.rightFlags(cmd, &o, &on)
	if right == rights.Objection {
		cmd.Flags().StringVar(&list, "list", "", "CSV `FILE` of members, in the place of an ID")
		cmd.Flags().StringVar(&column, "column", "", "`HEADING` of the members' ids in the list, where it is not a usual one")
	}
	return cmd
}

func (a *app) rightFlags(cmd *cobra.Command, o *subject.Options, on *string) {
	flags := cmd.Flags()
	flags.StringVar(on, "on", "", "`DATE` from which it holds, YYYY-MM-DD (default today)")
	flags.StringVar(&o.Basis, "basis", "", "`TEXT`: on what ground, as \"letter of 3 March\"; nothing about the member")
	flags.StringVar(&o.By, "by", "", "`NAME` of who accepts it for the library")
	cmd.MarkFlagRequired("basis")
	cmd.MarkFlagRequired("by")
}

func (a *app) liftCommand() *cobra.Command {
	var on string
	var o subject.Options
	known := map[string]rights.Right{"erase": rights.Erasure, "restrict": rights.Restriction, "object": rights.Objection, "rectify": rights.Rectification}
	cmd := &cobra.Command{
		Use: "lift RIGHT [ID]", Short: "End a right of a member: erase, restrict, object or rectify", Args: cobra.RangeArgs(1, 2),
		Long:      "What an erasure removed does not come back; the next run reads the member again.",
		ValidArgs: []string{"erase", "restrict", "object", "rectify"},
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			c, day, err := a.loadFor("on", on)
			if err != nil {
				return err
			}
			right, ok := known[args[0]]
			if !ok {
				return exit.Usagef("lift %q: write erase, restrict, object or rectify", args[0])
			}
			if o.Members, err = a.memberID(cmd.InOrStdin(), args[1:]); err != nil {
				return err
			}
			o.Right, o.Config, o.On, o.Version, o.Env, o.Now, o.Random = right, c, day, version(), a.env, a.now, a.random
			done, err := subject.Lift(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", done)
			}
			a.printf("%s lifted as of %s, entry %d of the ledger\n", right, done.On, done.Entry)
			return nil
		},
	}
	a.rightFlags(cmd, &o, &on)
	return cmd
}

// exercised says what became of a right.
func (a *app) exercised(d *subject.Exercised) {
	a.printf("%s as of %s of %d members, %d of them new, entry %d of the ledger\n", d.Right, d.On, d.Members, d.New, d.Entry)
	if unknown := d.Members - d.Known; unknown > 0 {
		a.printf("  %d of them are in nothing that Peil keeps: look whether the id is right\n", unknown)
	}
	for _, folder := range d.Held {
		a.printf("  %s cannot be sent any more: make it anew\n", folder)
	}
	for _, what := range d.Removed {
		a.printf("  removed: %s\n", what)
	}
	for _, t := range d.Told {
		after := "to be told: run the period again and deliver the correction"
		if t.Corrected != "" {
			after = "told by the correction of " + t.Corrected
		}
		a.printf("  %s has it by %s %s of %s: %s\n", t.Recipient, t.Output, t.Period, t.Sent, after)
	}
}

// memberID takes the id from the arguments, asks for it on a terminal, or reads it from
// standard input.
func (a *app) memberID(in io.Reader, args []string) ([]string, error) {
	if len(args) > 0 {
		return args, nil
	}
	if f, ok := in.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		fmt.Fprint(a.stderr, "Member's id (it is not shown): ")
		id, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(a.stderr)
		return []string{string(id)}, err
	}
	line, err := bufio.NewReader(io.LimitReader(in, 1<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if strings.TrimSpace(line) == "" {
		return nil, exit.Usagef("no member's id: give it as an argument or on standard input")
	}
	return []string{line}, nil
}
