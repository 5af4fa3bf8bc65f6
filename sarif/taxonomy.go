package sarif

import (
	_ "embed"
	"strings"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"
)

const taxonomyName = "CWE"

// cweVersion is that of cwe.txt.
const cweVersion = "4.20"

// cweTitles has the title of every weakness, one a line. It is a text and no map because
// it is read for a few rules of a few reports, and a map would be made whenever the
// program starts.
//
//go:embed cwe.txt
var cweTitles string

// cweTitle returns the title of a weakness, "" when the list lacks it.
func cweTitle(cwe string) string {
	_, after, found := strings.Cut(cweTitles, "\n"+cweNumber(cwe)+" ")
	if !found {
		return ""
	}
	title, _, _ := strings.Cut(after, "\n")
	return title
}

// cweNumber returns the number in CWE-476.
func cweNumber(cwe string) string { return strings.TrimPrefix(strings.ToUpper(cwe), "CWE-") }

// A taxonomy is the part of the list of weaknesses that the rules of a report refer to.
type taxonomy struct {
	taxa    []*descriptor
	indexes map[string]uint
}

// index returns the index of a weakness, entered if need be.
func (t *taxonomy) index(cwe string) uint {
	if i, ok := t.indexes[cwe]; ok {
		return i
	}
	i := uint(len(t.taxa))
	if t.indexes == nil {
		t.indexes = map[string]uint{}
	}
	t.indexes[cwe] = i

	address := "https://cwe.mitre.org/data/definitions/" + cweNumber(cwe) + ".html"
	d := &descriptor{}
	d.ID = cwe
	title := cweTitle(cwe)
	if title == "" {
		title = "Weakness " + cweNumber(cwe)
	}
	d.ShortDescription = textOnly(title)
	// Code scanning wants these of every descriptor.
	d.FullDescription = textOnly(cwe + ": " + title + ".")
	d.Help = textOnly("See " + address + ".")
	d.HelpURI = new(address)
	t.taxa = append(t.taxa, d)
	return i
}

// components returns the taxonomy as a list of components: one, or none if no rule names
// a weakness.
func (t *taxonomy) components() []*component {
	if len(t.taxa) == 0 {
		return nil
	}
	c := &component{Taxa: t.taxa}
	c.Name = taxonomyName
	c.Version = new(cweVersion)
	c.Organization = new("MITRE")
	c.InformationURI = new("https://cwe.mitre.org/")
	c.ShortDescription = textOnly("Common Weakness Enumeration")
	c.FullDescription = textOnly("Those weaknesses of the Common Weakness Enumeration that the rules refer to.")
	c.IsComprehensive = new(false)
	return []*component{c}
}

// reference is how the driver names the taxonomy.
func (t *taxonomy) references() []*gosarif.ToolComponentReference {
	if len(t.taxa) == 0 {
		return nil
	}
	return []*gosarif.ToolComponentReference{{Name: new(taxonomyName), Index: new(uint(0))}}
}
