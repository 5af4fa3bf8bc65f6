package discover

import "testing"

// Root may read every file, so permissions show nothing in a test that runs as root; these
// fail, or have no size, for everybody.
func TestReadProc(t *testing.T) {
	if _, err := Read("/proc/self/mem", 100); err == nil || err.Error() != "cannot be read: input/output error" {
		t.Errorf("a file that cannot be read: %v", err)
	}
	if text, err := Read("/proc/self/cmdline", 1<<20); err != nil || text == "" {
		t.Errorf("a file without a size: %q, %v", text, err)
	}
}
