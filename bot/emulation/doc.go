// Package emulation is what our emulators of other people's services have in common: a
// state that many look at and wait for, and faults that tests switch on. It knows no
// service, opens no socket and reads no file.
package emulation
