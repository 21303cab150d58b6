// Package callstest is for the tests of rooms that call other people's APIs: answers
// without a network, and what to expect of errors.
package callstest
