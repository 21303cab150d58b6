package configs

import "strings"

// nearest returns the candidate that a person who wrote word most likely meant,
// or "", by the number of letters inserted, dropped or changed.
func nearest(word string, candidates []string) string {
	if len(word) > 100 {
		return ""
	}
	best, bestDistance := "", max(2, len(word)/5)+1
	for _, c := range candidates {
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(row[j+1]+1, row[j]+1, change)
		}
	}
	return row[len(b)]
}
