package schema

import (
	"regexp"
	"strings"
)

// secretName finds the names of arguments and fields that hold secrets. Other
// words, like token or key, may be names of fields for what customers buy.
var secretName = regexp.MustCompile(`passwor[dt]|passwd|passphrase|passcode|kennwort`)

// IsSecret reports whether what goes by a name is a secret: a password, however
// its name is written, since Decode takes PASS-WORD for password as well.
func IsSecret(name string) bool {
	return secretName.MatchString(strings.ReplaceAll(fold(name), " ", ""))
}

// fold is a name without what Decode does not look at.
func fold(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}
