package mysql_test

import (
	"strconv"
	"testing"

	"github.com/skylint/skylint/runtime/actor"
	"github.com/skylint/skylint/runtime/internal/dbtest"
	"github.com/skylint/skylint/runtime/internal/nodetest"
	"github.com/skylint/skylint/runtime/internal/sockettest"
	"github.com/skylint/skylint/runtime/luaapi/mysql"
	"github.com/skylint/skylint/runtime/luaapi/socket"
	sockets "github.com/skylint/skylint/runtime/socket"
)

func run(t *testing.T, port int, want, body string) nodetest.Result {
	t.Helper()
	return sockettest.Run(t, sockettest.System{Want: want, Env: map[string]string{"port": strconv.Itoa(port)}, Modules: func(p *sockets.Pool) []actor.Module {
		return append(socket.Modules(&socket.Options{Pool: p}), mysql.Module(p))
	}, Body: `
  local mysql = require "skynet.db.mysql"
  local conf = { host = "127.0.0.1", port = tonumber(skynet.getenv "port"), user = "skyrun", password = "secret", database = "skyrun" }
  local db = mysql.connect(conf)
  local function show(v)
    if type(v) ~= "table" then return type(v) == "string" and ("%q"):format(v) or tostring(v) end
    local keys, out = {}, {}
    for k in pairs(v) do keys[#keys + 1] = k end
    table.sort(keys, function(a, b) return tostring(a) < tostring(b) end)
    for _, k in ipairs(keys) do out[#out + 1] = k .. "=" .. show(v[k]) end
    return "{" .. table.concat(out, " ") .. "}"
  end
  local function q(sql) print(show(db:query(sql))) end
` + body})
}

// TestAll runs all cases against one server, which takes a second to start.
func TestAll(t *testing.T) {
	port, ok := dbtest.MariaDB(t)
	if !ok {
		return
	}
	for _, c := range []struct{ name, want, body string }{
		{"results", `
{affected_rows=0 insert_id=0 server_status=2 warning_count=0}
{affected_rows=3 insert_id=1 message="&Records: 3  Duplicates: 0  Warnings: 0" server_status=2 warning_count=0}
{1={id=1 name="Bob"} 2={id=2 name=""} 3={id=3}}
{}
{affected_rows=1 insert_id=0 message="(Rows matched: 1  Changed: 0  Warnings: 0" server_status=2 warning_count=0}
{badresult=true err="Table 'skyrun.nowhere' doesn't exist" errno=1146 sqlstate="42S02"}
{1={1={id=1}} 2={affected_rows=1 insert_id=4 server_status=10 warning_count=0} 3={1={n=4}} multiresultset=true}
{1={1={x=1}} badresult=true err="Table 'skyrun.nowhere' doesn't exist" errno=1146 multiresultset=true sqlstate="42S02"}
{1={1=1 2="Bob"} 2={1=2 2=""} 3={1=3} 4={1=4 2="Eve"}}
`, `
  q "CREATE TABLE cats (id SERIAL PRIMARY KEY, name VARCHAR(5))"
  q "INSERT INTO cats (name) VALUES ('Bob'), (''), (NULL)"
  q "SELECT * FROM cats ORDER BY id"
  q "SELECT * FROM cats WHERE id > 100"
  q "UPDATE cats SET name = 'Bob' WHERE id = 1"
  q "SELECT * FROM nowhere"
  q "SELECT id FROM cats WHERE id = 1; INSERT INTO cats (name) VALUES ('Eve'); SELECT COUNT(*) n FROM cats"
  q "SELECT 1 x; SELECT * FROM nowhere; SELECT 2"
  db:set_compact_arrays(true)
  q "SELECT * FROM cats ORDER BY id"
  done()`},
		{"types", `
{1={bin="\0\0'" bits="\5" d="2020-02-03" dec=1.5 dt="2020-02-03 04:05:06" e="b" f=1.1 g=-2.25 i=-5 j="{\"a\": 1}" t="abc" tm="01:02:03" u=4294967295 y=2020}}
{1={bin="\0\0'" bits="\5" d="2020-02-03" dec=1.5 dt="2020-02-03 04:05:06" e="b" f=1.1000000238419 g=-2.25 i=-5 j="{\"a\": 1}" t="abc" tm="01:02:03" u=4294967295 y=2020}}
false	the integer 9007199254740993 in column n is beyond 2^53, and no number holds it exactly; ask for CAST(n AS CHAR)
{1={n="9007199254740993"}}
{1={n=9007199254740992}}
{1={n=16777216 s="x"}}
16777216	true
`, `
  db:query [[CREATE TABLE kinds (i TINYINT, u INT UNSIGNED, f FLOAT, g DOUBLE, t TEXT, bin BLOB, d DATE, dt DATETIME, tm TIME, y YEAR, e ENUM('a','b'), bits BIT(3))]]
  db:query [[INSERT INTO kinds VALUES (-5, 4294967295, 1.1, -2.25, 'abc', x'000027', '2020-02-03', '2020-02-03 04:05:06', '01:02:03', 2020, 'b', b'101')]]
  local all = "SELECT kinds.*, CAST(1.5 AS DECIMAL(5,2)) AS ` + "`dec`" + `, '{\"a\": 1}' AS j FROM kinds"
  q(all)
  print(show(db:execute(db:prepare(all))))
  local ok, e = pcall(db.query, db, "SELECT 9007199254740993 AS n")
  print(ok, (e:gsub("^.-:%d+: ", "")))
  q "SELECT CAST(9007199254740993 AS CHAR) AS n"
  q "SELECT 9007199254740992 AS n"
  -- Three packets, of which the first is full.
  db:query "SET GLOBAL max_allowed_packet = 67108864"
  local wide = mysql.connect(conf)
  local r = wide:query "SELECT REPEAT('x', 16777216) AS s; SELECT 16777216 AS n, 'x' AS s"
  print(show(r[2]))
  print(#r[1][1].s, r.multiresultset)
  done()`},
		{"prepared", `
1	0	5
{affected_rows=1 insert_id=1 server_status=2 warning_count=0}
{affected_rows=1 insert_id=2 server_status=2 warning_count=0}
{1={b="\0\0" f=0.5 id=1 n=7 name="x'y" yes=1} 2={id=2}}
false	require stmt.param_count 5 get arg_num 1
{1={1={id=1} 2={id=2}} 2={affected_rows=0 insert_id=0 server_status=34 warning_count=0} mulitresultset=true}
true	1054	42S22
{affected_rows=0 insert_id=0 server_status=2 warning_count=0}
1243	HY000
`, `
  db:query "CREATE TABLE p (id SERIAL PRIMARY KEY, name TEXT, n INT, f DOUBLE, yes BOOL, b BLOB)"
  local insert = db:prepare "INSERT INTO p (name, n, f, yes, b) VALUES (?, ?, ?, ?, ?)"
  print(insert.prepare_id, insert.field_count, insert.param_count)
  print(show(db:execute(insert, "x'y", 7, 0.5, true, "\0\0")))
  print(show(db:execute(insert, nil, nil, nil, nil, nil)))
  local select = db:prepare "SELECT * FROM p ORDER BY id"
  print(show(db:execute(select)))
  local ok, e = pcall(db.execute, db, insert, 1)
  print(ok, (e:gsub("^.-:%d+: ", "")))
  db:query "CREATE PROCEDURE ids() BEGIN SELECT id FROM p ORDER BY id; END"
  print(show(db:execute(db:prepare "CALL ids()")))
  local bad = db:prepare "SELECT nothing FROM p"
  print(bad.badresult, bad.errno, bad.sqlstate)
  print(show(db:stmt_reset(select)))
  db:stmt_close(select)
  bad = db:execute(select)
  print(bad.errno, bad.sqlstate)
  done()`},
		{"trouble", `
false	true
false	[Error: socket] mysql 127.0.0.1:1: connection refused
{badresult=true err="Unknown database 'none'" errno=1049 sqlstate="42000"}
on_connect	1
back	2	{1={x=7}}
lost	false	true
in order	1 2 3
{affected_rows=0 insert_id=0 server_status=2 warning_count=0}
'a\'b\\\n\0\"\Z'
true
`, `
  local ok, e = pcall(mysql.connect, { host = "127.0.0.1", port = conf.port, user = "skyrun", password = "wrong" })
  print(ok, e:find "Access denied" ~= nil)
  print(pcall(mysql.connect, { host = "127.0.0.1", port = 1 }))
  q "USE none"
  local n = 0
  conf.on_connect = function(db) n = n + 1 db:query "SET @x = 7" end
  local other = mysql.connect(conf)
  print("on_connect", n)
  local id = other:query "SELECT CONNECTION_ID() AS id"[1].id
  db:query("KILL " .. id)
  while #db:query("SELECT 1 FROM information_schema.processlist WHERE id = " .. id) > 0 do skynet.sleep(1) end
  skynet.sleep(5)
  local r
  repeat -- the server closes the connection: a new one is made
    local ok
    ok, r = pcall(other.query, other, "SELECT @x AS x")
  until ok
  print("back", n, show(r))
  id = other:query "SELECT CONNECTION_ID() AS id"[1].id
  skynet.fork(function()
    while #db:query("SELECT 1 FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%' AND id = " .. id) == 0 do skynet.sleep(1) end
    db:query("KILL " .. id)
  end)
  local ok, e = pcall(other.query, other, "SELECT SLEEP(20)")
  print("lost", ok, ok or e:find "^%[Error: socket%] mysql 127.0.0.1:%d+: " ~= nil)
  local out, me = {}, {}
  for i = 1, 3 do
    skynet.fork(function()
      out[i] = other:query("SELECT " .. i .. " AS i")[1].i
      if #out == 3 then skynet.wakeup(me) end
    end)
  end
  skynet.wait(me)
  print("in order", table.concat(out, " "))
  print(show(db:ping()))
  print(mysql.quote_sql_str "a'b\\\n\0\"\26")
  print(db:server_ver():find "MariaDB" ~= nil)
  other:disconnect()
  done()`},
	} {
		t.Run(c.name, func(t *testing.T) { run(t, port, c.want, c.body) })
	}
}
