-- The loads of bench/compare-mysql: --load=select|rows1|rows100|insert, as prepared statements or, with --text, as texts.
sysbench.cmdline.options = {
  load = {"what each event does", "select"},
  text = {"statements as texts", false},
  rows = {"rows in the table", 10000},
}

local texts = {
  select = "select id, note from item where id = ?",
  rows1 = "select id, a, b from item where id = ?",
  rows100 = "select id, a, b from item where id between ? and ?",
  insert = "insert into item(tenant, note, a, b) values ('bench', ?, ?, ?)",
}
local values = {string.rep("v", 256), string.rep("w", 256)}

local function quoted(value)
  return type(value) == "number" and tostring(value) or "'" .. value .. "'"
end

local function arguments()
  local id = sysbench.rand.uniform(1, sysbench.opt.rows)
  if sysbench.opt.load == "rows100" then return {math.min(id, sysbench.opt.rows - 99), math.min(id + 99, sysbench.opt.rows)} end
  if sysbench.opt.load == "insert" then return {tostring(id), values[1], values[2]} end
  return {id}
end

function thread_init()
  connection = sysbench.sql.driver():connect()
  if sysbench.opt.text then return end
  statement = connection:prepare(texts[sysbench.opt.load])
  parameters = {}
  for i, value in ipairs(arguments()) do
    parameters[i] = type(value) == "number" and statement:bind_create(sysbench.sql.type.INT)
      or statement:bind_create(sysbench.sql.type.VARCHAR, 256)
  end
  statement:bind_param(unpack(parameters))
end

function event()
  local given = arguments()
  if sysbench.opt.text then
    local n = 0
    connection:query((texts[sysbench.opt.load]:gsub("%?", function() n = n + 1; return quoted(given[n]) end)))
    return
  end
  for i, value in ipairs(given) do parameters[i]:set(value) end
  statement:execute()
end

function thread_done()
  connection:disconnect()
end
