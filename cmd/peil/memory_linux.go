package main

import "golang.org/x/sys/unix"

// keepMemoryIn sees to it that what is in memory, keys and members among it, comes to no
// core file and to no other process of the same user. Where the system does not let us, the
// work goes on: it is a second wall.
func keepMemoryIn() {
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) // also of the programs we start
	unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
