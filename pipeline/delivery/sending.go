package delivery

// State is what the ledger knows of the sending of one folder.
type State struct {
	// Last is the last Sending; nil if there was none.
	Last *Entry
	// Result is what became of it: Sent or Failed; nil if nobody knows.
	Result *Entry
	// Approved is the last approval of the folder as the manifest has it; nil if there
	// is none.
	Approved *Entry
}

// Delivered says whether the folder arrived, or may have.
func (s State) Delivered() bool {
	return s.Last != nil && (s.Result == nil || s.Result.Kind == Sent)
}

// StateOf finds the state of a folder's sending. manifest is the SHA-256 of its manifest,
// for the approval.
func StateOf(entries []Entry, folder, manifest string) State {
	var s State
	for i := range entries {
		e := &entries[i]
		if e.Folder != folder {
			continue
		}
		switch e.Kind {
		case Sending:
			s.Last, s.Result = e, nil
		case Sent, Failed:
			if s.Last != nil && e.Sending == s.Last.Seq {
				s.Result = e
			}
		case Approval:
			if e.Manifest == manifest {
				s.Approved = e
			}
		}
	}
	return s
}

// SetsOf lists the member sets that entries speak of, each as the last of them has it.
func SetsOf(entries []Entry) []Set {
	var sets []Set
	place := map[string]int{}
	for _, e := range entries {
		for _, s := range e.Sets {
			if i, known := place[s.Name]; known {
				sets[i] = s
				continue
			}
			place[s.Name] = len(sets)
			sets = append(sets, s)
		}
	}
	return sets
}
