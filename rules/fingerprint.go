package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// Fingerprint gives each diagnostic its fingerprint: 32 hexadecimal digits that stay the
// same while the finding does, though lines are put in above it. It is made of the rule's
// id, the path of the file, the Key (or else the text of the line, without the space around
// it) and the ordinal among those that are equal in all that. So the diagnostics have to be
// all that there are for these files, suppressed ones included, in the order of Sort.
func Fingerprint(ds []Diagnostic) {
	ordinals := make(map[string]int, len(ds))
	var b strings.Builder
	for i := range ds {
		d := &ds[i]
		b.Reset()
		b.WriteString(d.Rule.ID)
		b.WriteByte(0)
		b.WriteString(d.File.Path)
		b.WriteByte(0)
		if d.Key != "" {
			b.WriteString(d.Key)
		} else {
			b.WriteByte(0) // a line is never taken for a key
			b.WriteString(strings.TrimSpace(d.File.LineText(d.Line())))
		}
		base := b.String()
		ordinal := ordinals[base]
		ordinals[base] = ordinal + 1
		b.WriteByte(0)
		b.WriteString(strconv.Itoa(ordinal))
		sum := sha256.Sum256([]byte(b.String()))
		d.Fingerprint = hex.EncodeToString(sum[:16])
	}
}
