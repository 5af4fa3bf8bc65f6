package sarif

import (
	"strings"

	gosarif "github.com/owenrumney/go-sarif/v2/sarif"
)

const taxonomyName = "CWE"

// cweTitles are the titles of the weaknesses that rules may name, one a line. It is a text
// and no map because it is read for a few rules of a few reports, and a map would be made
// whenever the program starts.
const cweTitles = `
20 Improper Input Validation
22 Improper Limitation of a Pathname to a Restricted Directory ('Path Traversal')
73 External Control of File Name or Path
77 Improper Neutralization of Special Elements used in a Command ('Command Injection')
78 Improper Neutralization of Special Elements used in an OS Command ('OS Command Injection')
88 Improper Neutralization of Argument Delimiters in a Command ('Argument Injection')
89 Improper Neutralization of Special Elements used in an SQL Command ('SQL Injection')
94 Improper Control of Generation of Code ('Code Injection')
95 Improper Neutralization of Directives in Dynamically Evaluated Code ('Eval Injection')
117 Improper Output Neutralization for Logs
134 Use of Externally-Controlled Format String
184 Incomplete List of Disallowed Inputs
200 Exposure of Sensitive Information to an Unauthorized Actor
208 Observable Timing Discrepancy
250 Execution with Unnecessary Privileges
252 Unchecked Return Value
284 Improper Access Control
285 Improper Authorization
287 Improper Authentication
288 Authentication Bypass Using an Alternate Path or Channel
290 Authentication Bypass by Spoofing
294 Authentication Bypass by Capture-replay
295 Improper Certificate Validation
306 Missing Authentication for Critical Function
307 Improper Restriction of Excessive Authentication Attempts
311 Missing Encryption of Sensitive Data
312 Cleartext Storage of Sensitive Information
319 Cleartext Transmission of Sensitive Information
321 Use of Hard-coded Cryptographic Key
326 Inadequate Encryption Strength
327 Use of a Broken or Risky Cryptographic Algorithm
330 Use of Insufficiently Random Values
338 Use of Cryptographically Weak Pseudo-Random Number Generator (PRNG)
345 Insufficient Verification of Data Authenticity
346 Origin Validation Error
352 Cross-Site Request Forgery (CSRF)
362 Concurrent Execution using Shared Resource with Improper Synchronization ('Race Condition')
366 Race Condition within a Thread
367 Time-of-check Time-of-use (TOCTOU) Race Condition
372 Incomplete Internal State Distinction
390 Detection of Error Condition Without Action
391 Unchecked Error Condition
392 Missing Report of Error Condition
400 Uncontrolled Resource Consumption
404 Improper Resource Shutdown or Release
407 Inefficient Algorithmic Complexity
441 Unintended Proxy or Intermediary ('Confused Deputy')
454 External Initialization of Trusted Variables or Data Stores
457 Use of Uninitialized Variable
459 Incomplete Cleanup
470 Use of Externally-Controlled Input to Select Classes or Code ('Unsafe Reflection')
471 Modification of Assumed-Immutable Data (MAID)
476 NULL Pointer Dereference
477 Use of Obsolete Function
488 Exposure of Data Element to Wrong Session
489 Active Debug Code
494 Download of Code Without Integrity Check
501 Trust Boundary Violation
502 Deserialization of Untrusted Data
522 Insufficiently Protected Credentials
532 Insertion of Sensitive Information into Log File
561 Dead Code
563 Assignment to Variable without Use
567 Unsynchronized Access to Shared Data in a Multithreaded Context
602 Client-Side Enforcement of Server-Side Security
610 Externally Controlled Reference to a Resource in Another Sphere
628 Function Call with Incorrectly Specified Arguments
636 Not Failing Securely ('Failing Open')
639 Authorization Bypass Through User-Controlled Key
653 Improper Isolation or Compartmentalization
662 Improper Synchronization
664 Improper Control of a Resource Through its Lifetime
665 Improper Initialization
667 Improper Locking
668 Exposure of Resource to Wrong Sphere
672 Operation on a Resource after Expiration or Release
674 Uncontrolled Recursion
691 Insufficient Control Flow Management
693 Protection Mechanism Failure
694 Use of Multiple Resources with Duplicate Identifier
696 Incorrect Behavior Order
703 Improper Check or Handling of Exceptional Conditions
706 Use of Incorrectly-Resolved Name or Reference
710 Improper Adherence to Coding Standards
732 Incorrect Permission Assignment for Critical Resource
749 Exposed Dangerous Method or Function
754 Improper Check for Unusual or Exceptional Conditions
755 Improper Handling of Exceptional Conditions
770 Allocation of Resources Without Limits or Throttling
772 Missing Release of Resource after Effective Lifetime
778 Insufficient Logging
789 Memory Allocation with Excessive Size Value
798 Use of Hard-coded Credentials
799 Improper Control of Interaction Frequency
807 Reliance on Untrusted Inputs in a Security Decision
820 Missing Synchronization
821 Incorrect Synchronization
829 Inclusion of Functionality from Untrusted Control Sphere
833 Deadlock
834 Excessive Iteration
835 Loop with Unreachable Exit Condition ('Infinite Loop')
837 Improper Enforcement of a Single, Unique Action
841 Improper Enforcement of Behavioral Workflow
862 Missing Authorization
863 Incorrect Authorization
908 Use of Uninitialized Resource
913 Improper Control of Dynamically-Managed Code Resources
914 Improper Control of Dynamically-Identified Variables
915 Improperly Controlled Modification of Dynamically-Determined Object Attributes
918 Server-Side Request Forgery (SSRF)
922 Insecure Storage of Sensitive Information
923 Improper Restriction of Communication Channel to Intended Endpoints
940 Improper Verification of Source of a Communication Channel
943 Improper Neutralization of Special Elements in Data Query Logic
1050 Excessive Platform Resource Consumption within a Loop
1088 Synchronous Access of Remote Resource without Timeout
1108 Excessive Reliance on Global Variables
1126 Declaration of Variable with Unnecessarily Wide Scope
1188 Initialization of a Resource with an Insecure Default
1265 Unintended Reentrant Invocation of Non-reentrant Code Via Nested Calls
1284 Improper Validation of Specified Quantity in Input
1322 Use of Blocking Code in Single-threaded, Non-blocking Context
1325 Improperly Controlled Sequential Memory Allocation
1327 Binding to an Unrestricted IP Address
1333 Inefficient Regular Expression Complexity
`

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
