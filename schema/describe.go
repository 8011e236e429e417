package schema

import orderedmap "github.com/pb33f/ordered-map/v2"

// Described is a schema with another description of one property, which path
// leads to: the names of properties, through arrays as if they were what they
// hold. The schema itself stays as it is, since others have it too.
func Described(s *Schema, description string, path ...string) *Schema {
	c := *s
	switch {
	case len(path) == 0:
		c.Description = description
	case s.Items != nil:
		c.Items = Described(s.Items, description, path...)
	default:
		c.Properties = orderedmap.New[string, *Schema]()
		for name, property := range s.Properties.FromOldest() {
			if name == path[0] {
				property = Described(property, description, path[1:]...)
			}
			c.Properties.Set(name, property)
		}
	}
	return &c
}

// DescriptionOf is the description of the property that path leads to, as in
// Described.
func DescriptionOf(s *Schema, path ...string) string {
	for _, name := range path {
		if s.Items != nil {
			s = s.Items
		}
		s = property(s, name)
	}
	return s.Description
}
