package config

// nearest is the word at the smallest edit distance from the one given, the
// first of them if there are several; "" if all are farther off than limit.
func nearest(word string, words []string, limit int) string {
	best := ""
	for _, candidate := range words {
		if d := distance(word, candidate); d <= limit {
			best, limit = candidate, d-1
		}
	}
	return best
}

// distance counts the letters to add, drop, change or swap with the next one
// to get from a to b (optimal string alignment).
func distance(a, b string) int {
	before, above := []int(nil), make([]int, len(b)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := above[j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			row[j] = min(above[j]+1, row[j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above = above, row
	}
	return above[len(b)]
}
