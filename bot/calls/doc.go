// Package calls is what the rooms that call other people's APIs have in common: where an
// API is, how it is reached, and when to ask again. It knows no service and makes no
// call.
package calls
