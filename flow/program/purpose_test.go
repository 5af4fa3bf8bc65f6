package program_test

import (
	"context"
	"testing"

	"github.com/skylint/skylint/flow/program"
	"github.com/skylint/skylint/models"
	"github.com/skylint/skylint/project"
)

// A service may have the name of a module that a model describes.
func TestImplementsModel(t *testing.T) {
	t.Chdir(t.TempDir())
	service := "local skynet = require 'skynet' skynet.start(function() end)\n"
	p, err := project.Load(context.Background(), project.Options{Texts: map[string]string{
		"service/main.lua":          "local skynet = require 'skynet' skynet.start(function() skynet.newservice 'redis' end)\n",
		"service/redis.lua":         service,
		"lualib/redis.lua":          "return {}\n",
		"lualib/skynet/manager.lua": "return {}\n",
		"lualib/bag.lua":            "return {}\n",
	}})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{"lualib/redis.lua": true, "lualib/skynet/manager.lua": true}
	for _, f := range p.Files {
		if got := program.ImplementsModel(f, models.Builtin()); got != want[f.Path] {
			t.Errorf("%s: %t", f.Path, got)
		}
	}
}
