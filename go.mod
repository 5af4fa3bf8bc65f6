module github.com/skylint/skylint

go 1.26.8
