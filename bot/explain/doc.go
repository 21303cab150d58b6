// Package explain says what a run waits for and who or what can move it, or why it
// ended: the sentences of /why, of penstock why, of the API and of the page of a run.
// Why is pure; Look gathers what it has to know. Nothing is changed or sent here.
package explain
