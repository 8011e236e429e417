package config

import (
	"strings"

	"github.com/spf13/pflag"
)

// Flags registers a flag for every setting. They take any text: what is wrong
// with it is for Load to say, together with what is wrong elsewhere.
func Flags(fs *pflag.FlagSet) {
	for _, f := range fields {
		flag := fs.VarPF(&flagValue{field: f}, f.flag(), "", f.usage())
		if f.kind.name == "bool" {
			flag.NoOptDefVal = "true"
		}
	}
}

// flagValue is a setting's text as given on the command line, each time it was.
type flagValue struct {
	field field
	given []string
}

func (v *flagValue) Set(text string) error {
	v.given = append(v.given, text)
	return nil
}

func (v *flagValue) Type() string { return v.field.kind.name }

// String is the default until the flag is given: --help shows it.
func (v *flagValue) String() string {
	switch {
	case v.given == nil:
		return v.field.initial
	case v.field.secret():
		return hidden
	}
	return strings.Join(v.given, ",")
}
