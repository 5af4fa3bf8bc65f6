-- Loaded before every service of the node (see preload in config/path.conf).
-- What it defines is there everywhere, so it may define globals.

function printf(fmt, ...)
    print(string.format(fmt, ...))
end

unpack = unpack or table.unpack

NODE_START = os.time()
