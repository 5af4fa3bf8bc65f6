#!/usr/bin/env bash
# Validates SARIF reports with Microsoft's SARIF Multitool, by the rules of the standard and
# those of GitHub's code scanning. Any error or warning fails; notes, which are advice, do
# not count.
#
#   tools/sarif-multitool.sh REPORT.sarif...
#
# The tool is installed with npm into the folder that SARIF_MULTITOOL_CACHE names, once; if
# that is not set, into a temporary folder, each time.
set -euo pipefail

version=5.7.0

if [ $# -eq 0 ]; then
	echo "usage: $0 REPORT.sarif..." >&2
	exit 2
fi
case "$(uname -s)" in
Linux) package=@microsoft/sarif-multitool-linux ;;
Darwin) package=@microsoft/sarif-multitool-darwin ;;
*)
	echo "$0: there is no Multitool for $(uname -s) that this script knows: run it on Linux or macOS" >&2
	exit 2
	;;
esac
for needed in npm node; do
	command -v "$needed" >/dev/null || {
		echo "$0: $needed is missing: install Node.js" >&2
		exit 2
	}
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=${SARIF_MULTITOOL_CACHE:-$work/npm}
folder=$cache/$version/node_modules/$package
if [ ! -e "$folder/package.json" ]; then
	mkdir -p "$cache/$version"
	npm install --silent --no-audit --no-fund --no-save --prefix "$cache/$version" "$package@$version"
fi
chmod u+x "$folder/Sarif.Multitool" # the package's own step, for those who turn scripts off

# It is a .NET program, and ends at once where the ICU libraries are missing unless told
# that nobody needs them.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export DOTNET_CLI_TELEMETRY_OPTOUT=1

# Rules for GitHub that are off by default are turned on, but for that of 1,000 results at
# most, which nobody can meet who has more findings. Rule SARIF2006, a note, is turned off:
# it asks the network for every address in the report.
config=$work/config.xml
{
	echo '<?xml version="1.0" encoding="utf-8"?>'
	echo '<Properties>'
	while read -r rule state; do
		echo "  <Properties Key=\"$rule.Options\">"
		echo "    <Property Key=\"RuleEnabled\" Value=\"$state\" Type=\"Driver.RuleEnabledState\" />"
		echo '  </Properties>'
	done <<'RULES'
GH1001.ProvideRequiredLocationProperties Error
GH1002.InlineThreadFlowLocations Error
GH1003.ProvideRequiredRegionProperties Error
GH1005.LocationsMustBeRelativeUrisOrFilePaths Error
GH1006.ProvideCheckoutPath Error
GH1007.ProvideFullyFormattedMessageStrings Error
SARIF2006.UrisShouldBeReachable Disabled
RULES
	echo '</Properties>'
} >"$config"

status=0
for report in "$@"; do
	if [ ! -f "$report" ]; then
		echo "$0: there is no file $report" >&2
		exit 2
	fi
	# The exit code says only whether the tool ran; its own report says what it found.
	found=$work/found.sarif
	rm -f "$found"
	"$folder/Sarif.Multitool" validate "$report" \
		--rule-kind "Sarif;Ghas" --level "Error;Warning;Note" --kind Fail \
		--max-file-size-in-kb 1000000 --config "$config" --log "ForceOverwrite" --output "$found" >"$work/log" 2>&1 || true
	if ! node - "$found" "$report" <<'JS'
const fs = require("fs");
const [found, report] = process.argv.slice(2);
if (!fs.existsSync(found)) {
	console.error(`${report}: the Multitool wrote no report`);
	process.exit(1);
}
const run = JSON.parse(fs.readFileSync(found, "utf8").replace(/^\uFEFF/, "")).runs[0];
const rules = run.tool.driver.rules || [];
const count = { error: 0, warning: 0, note: 0 };
const say = (level, id, text) => {
	count[level]++;
	if (level !== "note") console.error(`${report}: ${level} ${id}: ${text}`);
};
const message = (m, rule) => {
	const strings = (rule && rule.messageStrings) || {};
	const text = m.text || (strings[m.id] && strings[m.id].text) || m.id || "";
	return text.replace(/\{(\d+)\}/g, (all, i) => (m.arguments || [])[i] ?? all);
};
for (const r of run.results || []) {
	const rule = rules[r.ruleIndex] || {};
	const level = r.level || (rule.defaultConfiguration || {}).level || "warning";
	say(level, r.ruleId || rule.id, message(r.message, rule));
}
for (const i of run.invocations || []) {
	const notes = [...(i.toolExecutionNotifications || []), ...(i.toolConfigurationNotifications || [])];
	for (const n of notes) {
		const id = (n.descriptor || {}).id || "";
		if (id.startsWith("WRN999") && message(n.message).includes("'SARIF2006'")) continue; // turned off by us
		if (n.level !== "note" && n.level !== "none") say(n.level || "warning", id || "notification", message(n.message));
	}
	if (i.executionSuccessful === false) say("error", "invocation", "the Multitool did not finish");
}
console.log(`${report}: ${count.error} errors, ${count.warning} warnings, ${count.note} notes`);
process.exit(count.error + count.warning ? 1 : 0);
JS
	then
		[ -e "$found" ] || sed 's/^/    /' "$work/log" >&2
		status=1
	fi
done
exit $status
