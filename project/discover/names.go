package discover

import (
	"path"
	"strings"
)

func isLua(name string) bool { return strings.HasSuffix(name, ".lua") }

// configWords are parts of the names that skynet configuration files and their folders
// have in practice; whether a file is one, its content says.
var configWords = [...]string{"conf", "cfg", "skynet", "node"}

// hintsConfig reports whether a name suggests a skynet configuration file.
func hintsConfig(name string) bool {
	for _, word := range configWords {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// mayHoldConfigs reports whether every file of a folder may be a configuration file.
func mayHoldConfigs(dir string) bool {
	name := path.Base(dir)
	return name == "etc" || name == "examples" || name == "run" || hintsConfig(name)
}

// isOtherFormat reports whether a name's extension says that the file is not a skynet
// configuration. An unknown extension says nothing: skynet's own are config.c1, config.path.
func isOtherFormat(name string) bool {
	ext := strings.ToLower(path.Ext(name))
	switch ext {
	case ".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".inl", ".in", ".am", ".ac", ".m4", ".mk", ".cmake", ".make",
		".o", ".a", ".so", ".dll", ".lib", ".exe", ".dylib", ".obj", ".pdb", ".asm", ".s", ".def", ".rc",
		".js", ".ts", ".jsx", ".tsx", ".css", ".html", ".htm", ".py", ".pl", ".pm", ".t", ".pod", ".rb", ".go", ".rs", ".java", ".cs",
		".php", ".sh", ".bash", ".bat", ".cmd", ".ps1", ".com", ".vbs", ".sql", ".proto", ".sproto", ".pb", ".sp",
		".json", ".yml", ".yaml", ".toml", ".xml", ".ini", ".properties", ".plist", ".csv", ".tsv", ".xls", ".xlsx",
		".md", ".txt", ".rst", ".tex", ".pdf", ".doc", ".docx", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".ico", ".bmp",
		".zip", ".gz", ".tgz", ".bz2", ".xz", ".tar", ".rar", ".7z", ".pem", ".crt", ".key", ".csr", ".cnf",
		".log", ".pid", ".lock", ".sum", ".mod", ".sln", ".vcxproj", ".filters", ".patch", ".diff", ".rockspec", ".dat", ".bin", ".db":
		return true
	}
	return false
}
