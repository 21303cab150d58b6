// Package policy counts votes: approval rules, facts and votes go in, a decision
// comes out. It never looks anything up, and it knows no clock.
//
// A gate asks for what its Rules say: requirements that all have to be met, each by
// a number of different people of a kind. One vote of a person serves every
// requirement that the person fits. One rejection by anybody who is asked rejects.
//
// Three things keep somebody from counting: not being asked, having a hand in the
// change (they may still reject), and a look-up that failed. What could not be
// looked up is never a yes, neither about the voter (Facts.Unknown) nor about the
// change (Brief.Missing, or no Brief at all); Eligible names it.
package policy
