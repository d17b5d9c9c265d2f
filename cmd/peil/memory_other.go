//go:build !linux

package main

import "syscall"

// keepMemoryIn sees to it that what is in memory comes to no core file.
func keepMemoryIn() { syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) }
