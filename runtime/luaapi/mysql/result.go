package mysql

import (
	"database/sql/driver"
	"strconv"

	"github.com/go-sql-driver/mysql"
	lua "github.com/yuin/gopher-lua"

	"github.com/skylint/skylint/runtime/limit"
	"github.com/skylint/skylint/runtime/number"
	"github.com/skylint/skylint/runtime/thread"
)

// result makes the table of an answer: of rows, of what a statement without rows has done, or, where
// there are several results, of all of them, with a mark.
func (c *client) result(L *lua.LState, a *answer, mark string) *lua.LTable {
	var all []*lua.LTable
	sets := a.sets
	for i := range a.results {
		s := &a.results[i]
		switch {
		case !s.rows:
			all = append(all, done(L, s))
		case len(sets) > 0:
			all = append(all, c.rows(L, &sets[0], a.binary))
			sets = sets[1:]
		}
	}
	if len(all) == 1 && a.refused == nil {
		return all[0]
	}
	t := L.CreateTable(len(all), 4)
	for i, r := range all {
		t.RawSetInt(i+1, r)
	}
	if len(all) > 0 {
		t.RawSetString(mark, lua.LTrue)
	}
	if a.refused != nil {
		refusal(L, t, a.refused)
	}
	return t
}

// done is what a statement without rows has done.
func done(L *lua.LState, s *status) *lua.LTable {
	t := L.CreateTable(0, 5)
	t.RawSetString("affected_rows", lua.LNumber(s.affected))
	t.RawSetString("insert_id", unsigned(L, s.insert, "insert_id"))
	t.RawSetString("server_status", lua.LNumber(s.flags))
	t.RawSetString("warning_count", lua.LNumber(s.warnings))
	if s.message != "" {
		t.RawSetString("message", lua.LString(s.message))
	}
	return t
}

// refusal says what the server does not like.
func refusal(L *lua.LState, t *lua.LTable, e *mysql.MySQLError) *lua.LTable {
	t.RawSetString("badresult", lua.LTrue)
	t.RawSetString("err", lua.LString(e.Message))
	t.RawSetString("errno", lua.LNumber(e.Number))
	if e.SQLState != [5]byte{} {
		t.RawSetString("sqlstate", lua.LString(e.SQLState[:]))
	}
	return t
}

func (c *client) rows(L *lua.LState, s *set, binary bool) *lua.LTable {
	list := L.CreateTable(len(s.rows), 0)
	for i, row := range s.rows {
		limit.Of(L).Work(L, int64(len(row)))
		var t *lua.LTable
		if c.compact {
			t = L.CreateTable(len(row), 0)
		} else {
			t = L.CreateTable(0, len(row))
		}
		for j, v := range row {
			x := column(L, v, s.names[j], s.kinds[j], binary)
			switch {
			case x == lua.LNil:
			case c.compact:
				t.RawSetInt(j+1, x)
			default:
				t.RawSetString(s.names[j], x)
			}
		}
		list.RawSetInt(i+1, t)
	}
	return list
}

// column makes a value of a column's: numbers of all numeric types, and texts of all others.
func column(L *lua.LState, v driver.Value, name, kind string, binary bool) lua.LValue {
	switch v := v.(type) {
	case nil:
		return lua.LNil
	case int64:
		x, exact := number.Float(v)
		if !exact {
			inexact(L, strconv.FormatInt(v, 10), name)
		}
		return lua.LNumber(x)
	case uint64:
		return unsigned(L, v, name)
	case float64:
		return lua.LNumber(v)
	case float32:
		if binary {
			return lua.LNumber(v)
		}
		x, _ := strconv.ParseFloat(strconv.FormatFloat(float64(v), 'g', -1, 32), 64) // what the server has written
		return lua.LNumber(x)
	case string:
		if kind == "DECIMAL" {
			if x, err := strconv.ParseFloat(v, 64); err == nil {
				return lua.LNumber(x)
			}
		}
		limit.Of(L).Charge(L, limit.String, int64(len(v)))
		return lua.LString(v)
	}
	thread.Errorf(L, "column %s has a value of an unknown type", name)
	return nil
}

func unsigned(L *lua.LState, v uint64, name string) lua.LValue {
	if v > 1<<63-1 {
		inexact(L, strconv.FormatUint(v, 10), name)
	}
	x, exact := number.Float(int64(v))
	if !exact {
		inexact(L, strconv.FormatUint(v, 10), name)
	}
	return lua.LNumber(x)
}

func inexact(L *lua.LState, v, name string) {
	thread.Errorf(L, "the integer %s in column %s is beyond 2^53, and no number holds it exactly; ask for CAST(%s AS CHAR)", v, name, name)
}
