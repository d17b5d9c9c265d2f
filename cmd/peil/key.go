package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"peil/pipeline/archive"
	"peil/pipeline/exit"
	"peil/pipeline/pseudonym"
	"peil/pipeline/rekey"
)

func (a *app) keyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "key", Short: "Make, show or change the library's secret key", Args: cobra.NoArgs}
	cmd.AddCommand(a.keyNewCommand(), a.keyShowCommand(), a.keyRotateCommand())
	return cmd
}

func (a *app) keyNewCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "new",
		Short: "Write a new key where the configuration says; never overwrites one",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			if c.Keys.File == "" {
				return exit.Usagef("the configuration takes the key from elsewhere than a file: write keys: {file: PATH} in %s to have one made", c.File())
			}
			path := c.Path(c.Keys.File)
			key, err := pseudonym.Create(path, a.random)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", struct {
					Path  string `json:"path"`
					KeyID string `json:"key_id"`
				}{path, key.ID()})
			}
			a.printf("key %s written to %s\nKeep a copy apart from the store: without it, frozen figures and state cannot be read.\n", key.ID(), path)
			return nil
		},
	}
}

func (a *app) keyShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show",
		Short: "Say which key the configuration has, and what the store needs it for; never the key itself",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.load()
			if err != nil {
				return err
			}
			k, err := archive.ShowKey(cmd.Context(), c, a.env, a.now)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", k)
			}
			a.printf("key %s, from the %s\n", k.ID, k.Place)
			if k.Replaces != "" {
				a.printf("  it is taking the place of key %s, and that was cut off: peil key rotate ends it\n", k.Replaces)
			}
			for _, id := range slices.Sorted(maps.Keys(k.Sealed)) {
				a.printf("  %d folders that only Peil reads are sealed under key %s%s\n", k.Sealed[id], id, other(id, k.ID))
			}
			for _, id := range slices.Sorted(maps.Keys(k.Published)) {
				a.printf("  %d publications were made with key %s\n", k.Published[id], id)
			}
			if len(k.Ledger) > 0 {
				a.printf("  the ledger was written under %s\n", strings.Join(k.Ledger, ", then "))
			}
			return nil
		},
	}
}

func other(id, current string) string {
	if id == current {
		return ""
	}
	return ": without that key they cannot be read"
}

func (a *app) keyRotateCommand() *cobra.Command {
	var keep, unlink bool
	o := rekey.RotateOptions{}
	cmd := &cobra.Command{
		Use:   "rotate --keep-links|--break-links --reason TEXT",
		Short: "Put a new key in the place of the library's, and seal the store anew",
		Long: "With --keep-links the source is read to name members by the new key in what Peil remembers of them and\n" +
			"in the register of rights; rights of members whom the source does not know stay as they are and go on to\n" +
			"work. With --break-links what Peil remembers of members is forgotten: nothing from before can be linked\n" +
			"to anything after, and moves between branches are not seen until there are two snapshots again. Either\n" +
			"way frozen figures, register and ledger go on. If it is cut off, the same command ends it.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if keep == unlink {
				return exit.Usagef("key rotate: give --keep-links or --break-links")
			}
			if o.Config, err = a.load(); err != nil {
				return err
			}
			o.KeepLinks, o.Env, o.Now, o.Random = keep, a.env, a.now, a.random
			done, err := rekey.Rotate(cmd.Context(), o)
			if err != nil {
				return err
			}
			if a.json() {
				return a.message("summary", done)
			}
			a.printf("key %s has taken the place of %s; it is in %s\n", done.New, done.Old, done.File)
			a.printf("  %d files sealed anew, entry %d of the ledger\n", done.Resealed, done.Entry)
			if keep {
				a.printf("  %s members renamed, %s dropped whom the source does not know\n", thousands(done.Moved), thousands(done.Dropped))
				a.printf("  %d rights renamed, %d stay under the old secret of the register\n", done.RightsMoved, done.RightsStayed)
			} else {
				a.printf("  %d folders with what Peil remembered of members are forgotten\n", done.Forgotten)
			}
			a.printf("Keep a copy of the new key apart from the store. Copies of the store from before need the old one: keep both or neither.\n")
			return nil
		},
	}
	cmd.Flags().BoolVar(&keep, "keep-links", false, "read the source, and name everybody anew")
	cmd.Flags().BoolVar(&unlink, "break-links", false, "forget what could be linked")
	cmd.Flags().StringVar(&o.To, "to", "", "`FILE` for the new key, where the configuration takes it from elsewhere than a file")
	cmd.Flags().StringVar(&o.Reason, "reason", "", "`TEXT` for the ledger")
	return cmd
}
