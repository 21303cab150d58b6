package command

// nearestVerb returns the verb that was probably meant, or "". A word that
// followed our own name may be two edits away from any verb, one that may belong
// to another bot only one edit.
func nearestVerb(word string, addressed bool) Verb {
	limit := 1
	if addressed {
		limit = 2
	}
	return nearest(word, limit, Verbs())
}

// nearest returns the verb that is at most limit edits away from a word, or "".
func nearest(word string, limit int, verbs []Spec) Verb {
	var found Verb
	for _, s := range verbs {
		if len(s.Verb) < 4 {
			continue
		}
		if d := distance(word, string(s.Verb), limit); d <= limit {
			found, limit = s.Verb, d-1
		}
	}
	return found
}

// distance counts the characters to insert, delete, replace or swap with their
// neighbour to get from a to b. It stops counting above limit.
func distance(a, b string, limit int) int {
	if len(a) > 4*len(b)+4*limit { // also bounds the work
		return limit + 1
	}
	s, t := []rune(a), []rune(b)
	if diff := len(s) - len(t); diff > limit || -diff > limit {
		return limit + 1
	}
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			d := min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				d = min(d, rows[i-2][j-2]+1)
			}
			rows[i][j] = d
		}
	}
	return rows[len(s)][len(t)]
}
