"""The statements of the applications that have a preset: the shapes that their drivers and object mappers send, with values
for every sealed column. Flowise and Dify run on MySQL as well, so theirs use each parameter once and in order."""

from .presets import Application, read, write

LONG = "Would you summarise the contract? It's about “Straße 7”, 48 pages.\n" * 40


def uid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012}"


TIME = "2026-08-20 10:00:00"
CHAT = {"title": "Divorce lawyer", "history": {"messages": {"m1": {"role": "user", "content": "my husband"}}},
        "messages": [{"role": "user", "content": "My husband drinks"}]}
SOURCES = [{"source": {"name": "contract.pdf"}, "document": ["§ 1 …", "it's 'quoted' \\ back"]}]
TOOLS = [{"id": "call_1", "type": "function", "function": {"name": "search", "arguments": '{"q": "symptoms of 😷"}'}}]

OPEN_WEBUI = Application([
    write("INSERT INTO config (key, value, updated_at) VALUES ($1::VARCHAR, $2::JSON, $3::BIGINT)", "openai.api_keys", ["sk-abc", "sk-def"], 1),
    write("INSERT INTO config (key, value, updated_at) VALUES ($1::VARCHAR, $2::JSON, $3::BIGINT)", "openai.enable", "true", 1),
    write("UPDATE config SET value=$1::JSON, updated_at=$2::BIGINT WHERE config.key = $3::VARCHAR", ["sk-new"], 2, "openai.api_keys"),
    read("SELECT config.key, config.value, config.updated_at FROM config WHERE config.key LIKE $1::VARCHAR ORDER BY key", "openai.%",
         rows=[("openai.api_keys", ["sk-new"], 2), ("openai.enable", "true", 1)]),
    read("SELECT config.value FROM config WHERE config.key IN ($1::VARCHAR, $2::VARCHAR)", "openai.api_keys", "x", rows=[(["sk-new"],)]),
    write("INSERT INTO memory (id, user_id, content, updated_at, created_at) VALUES ($1, $2, $3, $4, $5)", "me1", "u1", "is diabetic", 1, 1),
    read("SELECT memory.id, memory.content FROM memory WHERE memory.user_id = $1", "u1", rows=[("me1", "is diabetic")]),
    write("INSERT INTO chat (id, user_id, title, chat, created_at, updated_at, archived, pinned, meta) "
          "VALUES ($1, $2, $3, $4::JSON, $5, $6, false, false, '{}')", "c1", "u1", "Divorce lawyer", CHAT, 1, 1),
    write("UPDATE chat SET chat=$1::JSON, title=$2::VARCHAR, updated_at=$3, summary=$4 WHERE chat.id = $5", CHAT, "Divorce lawyer", 2,
          "About a divorce", "c1"),
    read("SELECT chat.id, chat.title, chat.updated_at FROM chat WHERE chat.user_id = $1 AND chat.archived = false "
         "ORDER BY chat.updated_at DESC LIMIT $2 OFFSET $3", "u1", 60, 0, rows=[("c1", "Divorce lawyer", 2)]),
    read("SELECT chat.chat, chat.summary, chat.meta FROM chat WHERE chat.id = $1 LIMIT 1", "c1", rows=[(CHAT, "About a divorce", {})]),
    write("INSERT INTO chat_message (id, chat_id, user_id, role, content, output, files, sources, status_history, error, usage, meta, "
          "context_summary, created_at, updated_at) VALUES ($1, $2, $3, $4, $5::JSON, $6::JSON, $7::JSON, $8::JSON, $9::JSON, $10::JSON, $11::JSON, "
          "'null', $12, 1, 1)", "c1-m1", "c1", "u1", "user", '"My husband drinks"', TOOLS, [{"name": "letter.docx"}], SOURCES, [{"done": True}],
          {"content": "quota"}, {"input_tokens": 7}, "The user's husband drinks"),
    write("UPDATE chat_message SET content=$1::JSON, output=$2::JSON, updated_at=$3 WHERE chat_message.id = $4", '"My husband drinks"', TOOLS, 2,
          "c1-m1"),
    read("SELECT chat_message.content, chat_message.output, chat_message.files, chat_message.sources, chat_message.status_history, "
         "chat_message.error, chat_message.context_summary FROM chat_message WHERE chat_message.chat_id = $1 ORDER BY chat_message.created_at",
         "c1", rows=[('"My husband drinks"', TOOLS, [{"name": "letter.docx"}], SOURCES, [{"done": True}], {"content": "quota"},
                      "The user's husband drinks")]),
    read("SELECT chat_message.user_id, sum(CAST(json_extract_path_text(usage, 'input_tokens') AS INTEGER)) FROM chat_message "
         "GROUP BY chat_message.user_id", rows=[("u1", 7)]),
    write("INSERT INTO feedback (id, user_id, version, type, data, meta, snapshot, created_at, updated_at) VALUES ($1, $2, 0, 'rating', $3::JSON, "
          "'{}', $4::JSON, 1, 1)", "f1", "u1", {"rating": 1}, {"chat": CHAT}),
    read("SELECT feedback.data, feedback.snapshot FROM feedback WHERE feedback.user_id = $1", "u1", rows=[({"rating": 1}, {"chat": CHAT})]),
    write("INSERT INTO file (id, user_id, hash, filename, path, data, meta, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6::JSON, '{}', 1, 1)",
          "fi1", "u1", "h", "a.txt", "/a.txt", {"content": LONG}),
    write("UPDATE file SET data=$1::JSON WHERE file.id = $2", {"content": LONG, "status": "completed"}, "fi1"),
    read("SELECT file.filename, file.data FROM file WHERE file.id = $1", "fi1", rows=[("a.txt", {"content": LONG, "status": "completed"})]),
    write("INSERT INTO note (id, user_id, title, data, created_at, updated_at) VALUES ($1, $2, $3, $4::JSON, 1, 1)", "n1", "u1", "Note",
          {"content": {"md": "call the lawyer"}}),
    read("SELECT note.title, note.data FROM note WHERE note.user_id = $1", "u1", rows=[("Note", {"content": {"md": "call the lawyer"}})]),
], searches=(
    read("SELECT chat.id FROM chat WHERE chat.user_id = $1 AND chat.title ILIKE $2", "u1", "%lawyer%", rows=[("c1",)]),
    read("SELECT chat.id FROM chat WHERE EXISTS (SELECT 1 FROM json_array_elements(chat.chat->'messages') AS message "
         "WHERE LOWER(message->>'content') LIKE '%' || $1 || '%')", "drinks", rows=[("c1",)]),
    read("SELECT chat.id FROM chat WHERE chat.user_id = $1 ORDER BY chat.title", "u1", rows=[("c1",)]),
    read("SELECT chat_message.id FROM chat_message WHERE json_typeof(content) = 'string' AND LOWER(content #>> '{}') LIKE $1", "%husband%",
         rows=[("c1-m1",)]),
    read("SELECT note.id FROM note WHERE CAST(note.data #>> '{content,md}' AS TEXT) ILIKE $1", "%lawyer%", rows=[("n1",)]),
))

MESSAGES = [{"role": "user", "content": LONG}]
LITELLM = Application([
    write('INSERT INTO "public"."LiteLLM_SpendLogs" ("request_id","call_type","spend","startTime","endTime","metadata","end_user",'
          '"requester_ip_address","messages","response","proxy_server_request") VALUES ($1,$2,0.5,$3,$4,$5,$6,$7,$8,$9,$10), '
          '($11,$12,0.25,$13,$14,$15,$16,$17,$18,$19,$20) ON CONFLICT DO NOTHING',
          "r1", "acompletion", TIME, TIME, {"status": "success"}, "alice", "10.0.0.1", MESSAGES, {"choices": []}, {"body": {"model": "x"}},
          "r2", "acompletion", TIME, TIME, {"status": "failure"}, "bob", "10.0.0.2", {}, {}, {}),
    read('SELECT "public"."LiteLLM_SpendLogs"."request_id", "public"."LiteLLM_SpendLogs"."messages", "public"."LiteLLM_SpendLogs"."response", '
         '"public"."LiteLLM_SpendLogs"."proxy_server_request" FROM "public"."LiteLLM_SpendLogs" WHERE "public"."LiteLLM_SpendLogs"."request_id" = $1',
         "r1", rows=[("r1", MESSAGES, {"choices": []}, {"body": {"model": "x"}})]),
    read('SELECT "request_id", "requester_ip_address" FROM "LiteLLM_SpendLogs" WHERE "requester_ip_address" = $1', "10.0.0.2",
         rows=[("r2", "10.0.0.2")]),
    read("""SELECT metadata->>'status', count(*), sum(spend) FROM "LiteLLM_SpendLogs" WHERE end_user LIKE $1 GROUP BY 1""", "al%",
         rows=[("success", 1, 0.5)]),
    write('INSERT INTO "public"."LiteLLM_ErrorLogs" ("request_id","startTime","endTime","request_kwargs") VALUES ($1,$2,$3,$4)', "e1", TIME, TIME,
          {"messages": MESSAGES}),
    read('SELECT * FROM (SELECT "request_id", "request_kwargs" FROM "LiteLLM_ErrorLogs") AS "sub" WHERE "request_id" = $1', "e1",
         rows=[("e1", {"messages": MESSAGES})]),
    write('INSERT INTO "public"."LiteLLM_AuditLog" ("id","changed_by","action","table_name","object_id","before_value","updated_values") '
          'VALUES ($1,$2,$3,$4,$5,$6,$7) RETURNING "public"."LiteLLM_AuditLog"."id"', "a1", "admin", "updated", "LiteLLM_TeamTable", "t1",
          {"members": ["alice@example.org"]}, {"members": []}),
    read('SELECT "id", "before_value", "updated_values" FROM "LiteLLM_AuditLog" ORDER BY "updated_at" DESC LIMIT $1 OFFSET $2', 10, 0,
         rows=[("a1", {"members": ["alice@example.org"]}, {"members": []})]),
])

FLOWISE = Application([
    write('INSERT INTO "chat_flow"("id", "name", "flowData", "deployed", "chatbotConfig", "createdDate", "updatedDate") '
          "VALUES ($1, $2, $3, DEFAULT, $4, DEFAULT, DEFAULT)", uid(1), "Support", '{"nodes": [{"data": "You\'re a helpful agent"}]}', '{"title": "Hi"}'),
    write('UPDATE "chat_flow" SET "flowData" = $1, "updatedDate" = CURRENT_TIMESTAMP WHERE "id" IN ($2)', '{"nodes": []}', uid(1)),
    read('SELECT "ChatFlow"."id" AS "ChatFlow_id", "ChatFlow"."flowData" AS "ChatFlow_flowData", "ChatFlow"."chatbotConfig" AS "ChatFlow_chatbotConfig" '
         'FROM "chat_flow" "ChatFlow" WHERE (("ChatFlow"."id" = $1)) LIMIT 1', uid(1), rows=[(uid(1), '{"nodes": []}', '{"title": "Hi"}')]),
    write('INSERT INTO "chat_message"("id", "role", "chatflowid", "content", "sourceDocuments", "usedTools", "fileAnnotations", "agentReasoning", '
          '"reasonContent", "fileUploads", "artifacts", "action", "followUpPrompts", "chatType", "chatId", "sessionId", "leadEmail", "createdDate") '
          "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, DEFAULT, $12, $13, $14, $15, $16, DEFAULT)",
          uid(11), "userMessage", uid(1), LONG, '[{"pageContent": "§ 1"}]', '[{"tool": "x"}]', "[]", '["because"]', '{"thinking": "hm"}',
          '[{"name": "a.png"}]', '[{"type": "png"}]', '["Why?"]', "EXTERNAL", "chat1", "session1", "alice@example.org"),
    read('SELECT "chat_message"."content" AS "chat_message_content", "chat_message"."sourceDocuments" AS "chat_message_sourceDocuments", '
         '"chat_message"."usedTools" AS "chat_message_usedTools", "chat_message"."leadEmail" AS "chat_message_leadEmail" '
         'FROM "chat_message" "chat_message" WHERE "chat_message"."chatflowid" = $1 AND "chat_message"."sessionId" = $2 '
         'ORDER BY "chat_message"."createdDate" ASC', uid(1), "session1",
         rows=[(LONG, '[{"pageContent": "§ 1"}]', '[{"tool": "x"}]', "alice@example.org")]),
    read('SELECT "chat_message"."sessionId", MAX("chat_message"."createdDate") IS NOT NULL FROM "chat_message" "chat_message" '
         'WHERE "chat_message"."chatflowid" = $1 GROUP BY "chat_message"."sessionId" HAVING COUNT(*) > 9', uid(1), rows=[]),
    write('INSERT INTO "execution"("id", "executionData", "state", "agentflowId", "sessionId") VALUES ($1, $2, $3, $4, $5)', uid(21),
          '[{"data": "step"}]', "FINISHED", uid(1), "session1"),
    read('SELECT "e"."executionData" AS "e_executionData" FROM "execution" "e" WHERE "e"."id" = $1', uid(21), rows=[('[{"data": "step"}]',)]),
    write('INSERT INTO "variable"("id", "name", "value", "type") VALUES ($1, $2, $3, $4)', uid(31), "API_KEY", "sk-123", "static"),
    read('SELECT "Variable"."name", "Variable"."value" FROM "variable" "Variable" WHERE "Variable"."name" = $1', "API_KEY",
         rows=[("API_KEY", "sk-123")]),
    write('INSERT INTO "lead"("id", "name", "email", "phone", "chatflowid", "chatId") VALUES ($1, $2, $3, $4, $5, $6)', uid(41), "Alice O'Neill",
          "alice@example.org", "+49 30 1", uid(1), "chat1"),
    read('SELECT "Lead"."name", "Lead"."email", "Lead"."phone" FROM "lead" "Lead" WHERE "Lead"."chatId" = $1', "chat1",
         rows=[("Alice O'Neill", "alice@example.org", "+49 30 1")]),
    write('INSERT INTO "document_store_file_chunk"("id", "docId", "storeId", "chunkNo", "pageContent", "metadata") VALUES '
          "($1, $2, $3, $4, $5, $6), ($7, $8, $9, $10, $11, $12)", uid(51), uid(5), uid(6), 1, "First page", "{}", uid(52), uid(5), uid(6), 2, LONG, "{}"),
    read('SELECT "c"."chunkNo", "c"."pageContent" FROM "document_store_file_chunk" "c" WHERE "c"."docId" = $1 ORDER BY "c"."chunkNo" ASC', uid(5),
         rows=[(1, "First page"), (2, LONG)]),
    write('DELETE FROM "chat_message" WHERE "chatflowid" = $1 AND "chatId" = $2', uid(1), "none"),
])

DIFY = Application([
    write("INSERT INTO conversations (id, app_id, mode, name, summary, inputs, introduction, system_instruction, status, from_source) VALUES "
          "($1, $2, 'chat', $3, $4, $5, $6, $7, 'normal', 'console')", uid(1), uid(9), "Divorce", "So far …", {"city": "Zürich"}, "Hello", "You are kind"),
    write("INSERT INTO messages (id, app_id, conversation_id, inputs, query, message, answer, currency, from_source, error, message_metadata) VALUES "
          "($1, $2, $3, $4, $5, $6, $7, 'USD', 'console', $8, $9)", uid(11), uid(9), uid(1), {"city": "Zürich"}, "My husband's drinking", MESSAGES, "",
          "quota", '{"usage": {}}'),
    write("UPDATE messages SET message=$1, answer=$2, message_metadata=$3, updated_at=CURRENT_TIMESTAMP WHERE messages.id = $4", MESSAGES,
          "I'm sorry\\to hear", '{"usage": {"tokens": 7}}', uid(11)),
    read("SELECT messages.inputs AS messages_inputs, messages.query AS messages_query, messages.message AS messages_message, messages.answer AS "
         "messages_answer, messages.error, messages.message_metadata FROM messages WHERE messages.conversation_id = $1 "
         "ORDER BY messages.created_at DESC LIMIT 20", uid(1),
         rows=[({"city": "Zürich"}, "My husband's drinking", MESSAGES, "I'm sorry\\to hear", "quota", '{"usage": {"tokens": 7}}')]),
    read("SELECT conversations.name, conversations.summary, conversations.inputs, conversations.introduction, conversations.system_instruction "
         "FROM conversations WHERE conversations.app_id = $1 AND conversations.is_deleted IS false ORDER BY conversations.updated_at DESC", uid(9),
         rows=[("Divorce", "So far …", {"city": "Zürich"}, "Hello", "You are kind")]),
    read("SELECT conversations.id, count(messages.id) FROM conversations JOIN messages ON messages.conversation_id = conversations.id "
         "WHERE conversations.app_id = $1 GROUP BY conversations.id HAVING count(messages.id) >= 1", uid(9), rows=[(uid(1), 1)]),
    write("INSERT INTO message_agent_thoughts (id, message_id, position, thought, tool, tool_input, observation, message, answer, created_by_role, "
          "created_by) VALUES ($1, $2, 1, $3, 'search', $4, $5, $6, $7, 'account', $8)", uid(21), uid(11), "I should search", '{"q": "help"}', "found 3",
          "[]", "", uid(8)),
    write("UPDATE message_agent_thoughts SET answer=$1 WHERE message_agent_thoughts.id = $2", "Call them", uid(21)),
    read("SELECT thought, tool_input, observation, message, answer FROM message_agent_thoughts WHERE message_id = $1 ORDER BY position", uid(11),
         rows=[("I should search", '{"q": "help"}', "found 3", "[]", "Call them")]),
    write("INSERT INTO workflow_runs (id, tenant_id, app_id, status, inputs) VALUES ($1, $2, $3, 'running', $4)", uid(31), uid(7), uid(9), '{"a": "b"}'),
    write("UPDATE workflow_runs SET status='failed', outputs=$1, error=$2 WHERE workflow_runs.id = $3", '{"text": "done"}', "timeout at Zürich", uid(31)),
    read("SELECT workflow_runs.inputs, workflow_runs.outputs, workflow_runs.error FROM workflow_runs WHERE workflow_runs.tenant_id = $1 AND "
         "workflow_runs.id = $2", uid(7), uid(31), rows=[('{"a": "b"}', '{"text": "done"}', "timeout at Zürich")]),
    write("INSERT INTO workflow_node_executions (id, tenant_id, app_id, workflow_run_id, node_id, status, inputs, process_data, outputs, error) VALUES "
          "($1, $2, $3, $4, 'llm', 'failed', $5, $6, $7, $8)", uid(41), uid(7), uid(9), uid(31), '{"q": 1}', '{"prompts": []}', LONG, "no quota"),
    read("SELECT inputs, process_data, outputs, error FROM workflow_node_executions WHERE workflow_run_id = $1", uid(31),
         rows=[('{"q": 1}', '{"prompts": []}', LONG, "no quota")]),
], searches=(
    read("SELECT messages.id FROM messages WHERE lower(messages.query) LIKE lower($1)", "%husband%", rows=[(uid(11),)]),
    read("SELECT messages.id FROM messages WHERE lower(messages.answer) LIKE lower($1)", "%sorry%", rows=[(uid(11),)]),
    read("SELECT workflow_runs.id FROM workflow_runs WHERE lower(workflow_runs.inputs) LIKE lower($1)", '%"b"%', rows=[(uid(31),)]),
    read("SELECT workflow_runs.id FROM workflow_runs WHERE lower(workflow_runs.outputs) LIKE lower($1)", "%done%", rows=[(uid(31),)]),
))

N8N = Application([
    write('INSERT INTO "execution_entity"("id", "finished", "mode", "workflowId", "status") VALUES ($1, $2, $3, $4, $5)', 1, "false", "manual", "w1", "new"),
    write('INSERT INTO "execution_data"("executionId", "workflowData", "data", "workflowVersionId") VALUES ($1, $2, $3, $4)', 1,
          {"nodes": [{"parameters": {"prompt": "x"}}]}, "[]", None),
    write('UPDATE "execution_data" SET "data" = $1, "workflowData" = $2 WHERE "executionId" = $3', LONG, {"nodes": [{"parameters": {"prompt": "y"}}]}, 1),
    read('SELECT "e"."id" AS "e_id", "d"."data" AS "d_data", "d"."workflowData" AS "d_workflowData" FROM "execution_entity" "e" '
         'LEFT JOIN "execution_data" "d" ON "d"."executionId"="e"."id" WHERE "e"."id" IN ($1)', 1,
         rows=[(1, LONG, {"nodes": [{"parameters": {"prompt": "y"}}]})]),
    write('INSERT INTO "chat_hub_messages"("id", "sessionId", "type", "name", "content", "attachments", "createdAt", "updatedAt") '
          "VALUES ($1, $2, $3, $4, $5, $6, DEFAULT, DEFAULT)", uid(1), uid(2), "human", "User", "My symptoms …", [{"fileName": "x.pdf"}]),
    read('SELECT "m"."content" AS "m_content", "m"."attachments" AS "m_attachments" FROM "chat_hub_messages" "m" WHERE "m"."sessionId" = $1 '
         'ORDER BY "m"."createdAt" ASC', uid(2), rows=[("My symptoms …", [{"fileName": "x.pdf"}])]),
    write('INSERT INTO "variables"("id", "key", "type", "value") VALUES ($1, $2, DEFAULT, $3)', "v1", "TOKEN", "sk-123"),
    read('SELECT "v"."key" AS "v_key", "v"."value" AS "v_value" FROM "variables" "v" ORDER BY "v"."key" ASC', rows=[("TOKEN", "sk-123")]),
    write('INSERT INTO "binary_data_file"("fileId", "sourceType", "sourceId", "data", "mimeType", "fileName", "fileSize") '
          "VALUES ($1, $2, $3, $4, $5, $6, $7)", uid(3), "execution", "1", b"\x89PNG\0\xff", "image/png", "a.png", 6),
    read('SELECT "b"."data" AS "b_data", "b"."fileSize" FROM "binary_data_file" "b" WHERE "b"."fileId" = $1', uid(3), rows=[(b"\x89PNG\0\xff", 6)]),
])

BLOB = b"\x82\xa4type\xa5human\0\xff"
CHECKPOINT = {"v": 4, "id": "cp1", "channel_values": {"count": 3}, "channel_versions": {"messages": "0001", "empty": "0002"}}
LANGGRAPH = Application([
    write("INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob) VALUES ($1, $2, $3, $4, $5, $6) "
          "ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING", "t1", "", "messages", "0001", "msgpack", BLOB),
    write("INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob) VALUES ($1, $2, $3, $4, $5, $6) "
          "ON CONFLICT (thread_id, checkpoint_ns, channel, version) DO NOTHING", "t1", "", "none", "0001", "empty", None),
    write("INSERT INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, parent_checkpoint_id, checkpoint, metadata) VALUES ($1, $2, $3, $4, $5, $6) "
          "ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id) DO UPDATE SET checkpoint = EXCLUDED.checkpoint, metadata = EXCLUDED.metadata",
          "t1", "", "cp1", None, CHECKPOINT, {"step": 1}),
    *[write("INSERT INTO checkpoint_writes (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, blob) VALUES "
            "($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (thread_id, checkpoint_ns, checkpoint_id, task_id, idx) DO UPDATE SET "
            "channel = EXCLUDED.channel, type = EXCLUDED.type, blob = EXCLUDED.blob", "t1", "", "cp1", "task1", "", 0, "__pregel_tasks", "msgpack", blob)
      for blob in (b"first", BLOB)],
    read("SELECT checkpoint_id, type, blob FROM checkpoint_writes WHERE thread_id = $1", "t1", rows=[("cp1", "msgpack", BLOB)]),
    read("select thread_id, checkpoint, metadata, (select array_agg(array[bl.channel::bytea, bl.type::bytea, bl.blob]) "
         "from jsonb_each_text(checkpoint -> 'channel_versions') inner join checkpoint_blobs bl on bl.thread_id = checkpoints.thread_id "
         "and bl.checkpoint_ns = checkpoints.checkpoint_ns and bl.channel = jsonb_each_text.key and bl.version = jsonb_each_text.value) as channel_values, "
         "(select array_agg(array[cw.task_id::text::bytea, cw.channel::bytea, cw.type::bytea, cw.blob] order by cw.task_id, cw.idx) "
         "from checkpoint_writes cw where cw.thread_id = checkpoints.thread_id and cw.checkpoint_ns = checkpoints.checkpoint_ns "
         "and cw.checkpoint_id = checkpoints.checkpoint_id) as pending_writes from checkpoints WHERE thread_id = $1 AND checkpoint_ns = $2 "
         "ORDER BY checkpoint_id DESC LIMIT 1", "t1", "",
         rows=[("t1", CHECKPOINT, {"step": 1},
                f'{{{{"\\\\x{b"messages".hex()}","\\\\x{b"msgpack".hex()}","\\\\x{BLOB.hex()}"}}}}',
                f'{{{{"\\\\x{b"task1".hex()}","\\\\x{b"__pregel_tasks".hex()}","\\\\x{b"msgpack".hex()}","\\\\x{BLOB.hex()}"}}}}')]),
    read("select checkpoint_id, array_agg(array[type::bytea, blob] order by task_path, task_id, idx) as sends from checkpoint_writes "
         "where thread_id = $1 and checkpoint_id = any($2) and channel = '__pregel_tasks' group by checkpoint_id", "t1", "{cp1}",
         rows=[("cp1", f'{{{{"\\\\x{b"msgpack".hex()}","\\\\x{BLOB.hex()}"}}}}')]),
    read("SELECT checkpoint_id, checkpoint -> 'channel_versions' ->> $1 AS ver_0, EXISTS (SELECT 1 FROM checkpoint_blobs b0 "
         "WHERE b0.thread_id = checkpoints.thread_id AND b0.checkpoint_ns = checkpoints.checkpoint_ns AND b0.channel = $2 "
         "AND b0.version = checkpoint -> 'channel_versions' ->> $3 AND b0.type <> 'empty') AS hs_0 FROM checkpoints WHERE thread_id = $4",
         "messages", "messages", "messages", "t1", rows=[("cp1", "0001", "t")]),
    read("SELECT 'w'::text AS _kind, checkpoint_id, channel, type, blob, task_id, idx, NULL::text AS version FROM checkpoint_writes "
         "WHERE thread_id = $1 AND channel = $2 AND checkpoint_id = ANY($3) UNION ALL SELECT 'b'::text AS _kind, NULL::text AS checkpoint_id, channel, "
         "type, blob, NULL::text AS task_id, NULL::int AS idx, version FROM checkpoint_blobs WHERE thread_id = $4 AND channel = $5 AND version = $6",
         "t1", "__pregel_tasks", "{cp1}", "t1", "messages", "0001",
         rows=[("w", "cp1", "__pregel_tasks", "msgpack", BLOB, "task1", 0, None), ("b", None, "messages", "msgpack", BLOB, None, None, "0001")]),
    read("SELECT thread_id FROM checkpoints WHERE metadata @> $1", {"step": 1}, rows=[("t1",)]),
    write("DELETE FROM checkpoint_writes WHERE thread_id = $1", "other"),
])

HUMAN = {"type": "human", "data": {"content": LONG, "additional_kwargs": {}}}
LANGCHAIN = Application([
    write("INSERT INTO chat_history (session_id, message) VALUES ($1, $2)", uid(1), HUMAN),
    read("SELECT message FROM chat_history WHERE session_id = $1 ORDER BY id", uid(1), rows=[(HUMAN,)]),
    write("INSERT INTO langchain_pg_collection (uuid, name) VALUES ($1, $2)", uid(2), "docs"),
    *[write("INSERT INTO langchain_pg_embedding (id, collection_id, document, cmetadata) VALUES ($1::VARCHAR, $2::UUID, $3::VARCHAR, $4::JSONB), "
            "($5::VARCHAR, $6::UUID, $7::VARCHAR, $8::JSONB) ON CONFLICT (id) DO UPDATE SET document = excluded.document, cmetadata = excluded.cmetadata",
            "d1", uid(2), "Alice lives in Zürich", {"page": 1}, "d2", uid(2), document, {"page": 2}) for document in ("draft", LONG)],
    read("SELECT langchain_pg_embedding.id, langchain_pg_embedding.document, langchain_pg_embedding.cmetadata FROM langchain_pg_embedding "
         "JOIN langchain_pg_collection ON langchain_pg_embedding.collection_id = langchain_pg_collection.uuid "
         "WHERE langchain_pg_embedding.collection_id = $1::UUID AND jsonb_path_match(langchain_pg_embedding.cmetadata, '$.page == 2')", uid(2),
         rows=[("d2", LONG, {"page": 2})]),
])

LETTA = Application([
    write("INSERT INTO provider_traces (id, request_json, response_json, step_id, organization_id) VALUES ($1::VARCHAR, $2::JSON, $3::JSON, $4::VARCHAR, "
          "$5::VARCHAR)", "p1", {"messages": MESSAGES}, {"choices": TOOLS}, "s1", "org-1"),
    read("SELECT provider_traces.request_json, provider_traces.response_json FROM provider_traces WHERE provider_traces.step_id = $1::VARCHAR AND "
         "provider_traces.organization_id = $2::VARCHAR AND provider_traces.is_deleted = false", "s1", "org-1",
         rows=[({"messages": MESSAGES}, {"choices": TOOLS})]),
    write("INSERT INTO messages (id, agent_id, role, text, content, tool_calls, tool_returns, approvals, denial_reason, organization_id) VALUES "
          "($1::VARCHAR, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::JSON, $6::JSON, $7::JSON, $8::JSON, $9::VARCHAR, $10::VARCHAR) "
          "ON CONFLICT DO NOTHING RETURNING messages.id", "m1", "a1", "assistant", "Hello", [{"text": "Hello"}], TOOLS, [{"status": "success"}],
          [{"approve": False}], "too dangerous", "org-1"),
    write("UPDATE messages SET tool_returns=$1::JSON, updated_at=now() WHERE messages.id = $2::VARCHAR AND messages.organization_id = $3::VARCHAR",
          [{"status": "error"}], "m1", "org-1"),
    read("SELECT messages.tool_calls, messages.tool_returns, messages.approvals, messages.denial_reason FROM messages WHERE "
         "messages.organization_id = $1::VARCHAR AND messages.agent_id = $2::VARCHAR ORDER BY messages.sequence_id DESC LIMIT $3::INTEGER",
         "org-1", "a1", 10, rows=[(TOOLS, [{"status": "error"}], [{"approve": False}], "too dangerous")]),
    read("SELECT messages.id FROM messages WHERE lower(messages.text) LIKE lower($1::VARCHAR)", "%HELLO%", rows=[("m1",)]),
    write("INSERT INTO steps (id, organization_id, status) VALUES ($1::VARCHAR, $2::VARCHAR, 'pending')", "s1", "org-1"),
    write("UPDATE steps SET status='failed', error_data=$1::JSON WHERE steps.id = $2::VARCHAR AND steps.organization_id = $3::VARCHAR",
          {"message": "quota"}, "s1", "org-1"),
    read("SELECT steps.error_data FROM steps WHERE steps.id = $1::VARCHAR", "s1", rows=[({"message": "quota"},)]),
])

PARTS = '{"format": 2, "parts": [{"type": "text", "text": "My husband\'s drinking"}]}'
MASTRA = Application([
    *[write('INSERT INTO "public"."mastra_threads" (id, "resourceId", title, metadata, "createdAt", "createdAtZ", "updatedAt", "updatedAtZ") VALUES '
            '($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO UPDATE SET "resourceId" = EXCLUDED."resourceId", title = EXCLUDED.title, '
            'metadata = EXCLUDED.metadata, "updatedAt" = EXCLUDED."updatedAt"', "t1", "user-1", title, {"a": 1}, TIME, TIME, TIME, TIME)
      for title in ("New Thread", "Divorce")],
    write('UPDATE "public"."mastra_threads" SET title = COALESCE($1, title), metadata = $2, "updatedAt" = $3 WHERE id = $4', None, {"a": 2}, TIME, "t1"),
    read('SELECT id, "resourceId", title, metadata FROM "public"."mastra_threads" WHERE "resourceId" = $1 '
         'ORDER BY COALESCE("updatedAtZ", "updatedAt") DESC, "id" DESC LIMIT $2 OFFSET $3', "user-1", 10, 0, rows=[("t1", "user-1", "Divorce", {"a": 2})]),
    write('INSERT INTO "public"."mastra_messages" (id, thread_id, content, "createdAt", "createdAtZ", role, type, "resourceId") VALUES '
          '($1, $2, $3, $4, $5, $6, $7, $8), ($9, $10, $11, $12, $13, $14, $15, $16) ON CONFLICT (id) DO UPDATE SET thread_id = EXCLUDED.thread_id, '
          'content = EXCLUDED.content, role = EXCLUDED.role, type = EXCLUDED.type, "resourceId" = EXCLUDED."resourceId"',
          "m1", "t1", PARTS, TIME, TIME, "user", "v2", "user-1", "m2", "t1", LONG, TIME, TIME, "assistant", "v2", "user-1"),
    read('SELECT * FROM (( SELECT id, content, role, "createdAt" FROM "public"."mastra_messages" m WHERE m.thread_id = $1 AND m."createdAt" <= $2 '
         'ORDER BY m."createdAt" DESC, m.id DESC LIMIT $3 ) UNION ALL ( SELECT id, content, role, "createdAt" FROM "public"."mastra_messages" m '
         'WHERE m.thread_id = $4 AND m."createdAt" > $5 ORDER BY m."createdAt" ASC, m.id ASC LIMIT $6 )) AS combined ORDER BY "createdAt" ASC, id ASC',
         "t1", TIME, 2, "t1", TIME, 2, rows=[("m1", PARTS, "user", TIME), ("m2", LONG, "assistant", TIME)]),
    write('INSERT INTO "public"."mastra_resources" ("id","workingMemory","metadata","createdAt","updatedAt") VALUES ($1, $2, $3, $4, $5)', "user-1",
          "# Name: Alice", {}, TIME, TIME),
    write('UPDATE "public"."mastra_resources" SET "workingMemory" = $1, "updatedAt" = $2 WHERE id = $3', "# Name: Alice O'Neill", TIME, "user-1"),
    read('SELECT * FROM (SELECT id, "workingMemory" FROM "public"."mastra_resources" WHERE id = $1) AS r', "user-1",
         rows=[("user-1", "# Name: Alice O'Neill")]),
    write('INSERT INTO "public"."mastra_ai_spans" ("traceId","spanId","name","spanType","metadata","input","startedAt","createdAt") VALUES '
          "($1, $2, $3, $4, $5, $6, $7, $8)", "tr1", "sp1", "agent run", "agent_run", {"env": "x"}, MESSAGES, TIME, TIME),
    write('UPDATE "public"."mastra_ai_spans" SET "output" = $1, "error" = $2, "endedAt" = $3 WHERE "traceId" = $4 AND "spanId" = $5', {"text": "…"},
          {"message": "quota"}, TIME, "tr1", "sp1"),
    read('SELECT "input", "output", "error" FROM "public"."mastra_ai_spans" WHERE "traceId" = $1 AND metadata @> $2 AND error IS NOT NULL '
         'ORDER BY "startedAt" ASC', "tr1", {"env": "x"}, rows=[(MESSAGES, {"text": "…"}, {"message": "quota"})]),
])

LOBECHAT = Application([
    write('insert into "messages" ("id", "role", "content", "reasoning", "search", "metadata", "tools", "error", "user_id", "topic_id", "created_at") '
          "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, default)", "m1", "assistant", LONG, {"content": "because"}, {"citations": []}, {"tokens": 7},
          TOOLS, {"type": "quota"}, "u1", "t1"),
    write('update "messages" set "content" = $1, "tools" = $2, "updated_at" = $3 where ("messages"."id" = $4 and "messages"."user_id" = $5)',
          "My husband drinks", TOOLS, TIME, "m1", "u1"),
    read('select "content", "reasoning", "search", "tools", "error", "metadata" from "messages" where ("messages"."user_id" = $1 and '
         '"messages"."topic_id" = $2) order by "messages"."created_at" asc limit $3 offset $4', "u1", "t1", 10, 0,
         rows=[("My husband drinks", {"content": "because"}, {"citations": []}, TOOLS, {"type": "quota"}, {"tokens": 7})]),
    write('insert into "message_plugins" ("id", "tool_call_id", "type", "api_name", "arguments", "identifier", "state", "error", "user_id") values '
          "($1, $2, default, $3, $4, $5, $6, $7, $8)", "m1", "call_1", "search", '{"q": "symptoms"}', "web", {"page": 1}, {"code": 1}, "u1"),
    write('update "message_plugins" set "state" = $1 where ("message_plugins"."id" = $2 and "message_plugins"."user_id" = $3)', {"page": 2}, "m1", "u1"),
    read('select "messages"."id", "message_plugins"."arguments", "message_plugins"."state", "message_plugins"."error" from "messages" left join '
         '"message_plugins" on "message_plugins"."id" = "messages"."id" where "messages"."user_id" = $1', "u1",
         rows=[("m1", '{"q": "symptoms"}', {"page": 2}, {"code": 1})]),
    read('select "messages"."id", "messages_plugin"."data" as "plugin" from "messages" left join lateral (select json_build_array("p"."id", '
         '"p"."arguments", "p"."state") as "data" from (select * from "message_plugins" "mp" where "mp"."id" = "messages"."id" limit $1) "p") '
         '"messages_plugin" on true where "messages"."user_id" = $2', 1, "u1", rows=[("m1", ["m1", '{"q": "symptoms"}', {"page": 2}])]),
    write('insert into "message_queries" ("id", "message_id", "rewrite_query", "user_query", "user_id") values ($1, $2, $3, $4, $5)', uid(1), "m1",
          "alcoholism help", "my husband drinks", "u1"),
    read('select "rewrite_query", "user_query" from "message_queries" where "message_id" = $1', "m1", rows=[("alcoholism help", "my husband drinks")]),
    *[write('insert into "message_translates" ("id", "content", "from", "to", "user_id") values ($1, $2, $3, $4, $5) on conflict ("id") do update '
            'set "content" = $6', "m1", "Mein Mann", "en", "de", "u1", content) for content in ("Mein Mann", "Mein Mann trinkt")],
    read('select "content" from "message_translates" where "id" = $1 and "user_id" = $2', "m1", "u1", rows=[("Mein Mann trinkt",)]),
], searches=(
    read('select "id" from "messages" where "messages"."user_id" = $1 and "messages"."content" ilike $2', "u1", "%HUSBAND%", rows=[("m1",)]),
))

TEXT_PARTS = [{"type": "text", "text": LONG}]
AI_CHATBOT = Application([
    write('insert into "Chat" ("id", "createdAt", "title", "userId", "visibility") values ($1, $2, $3, $4, default)', uid(1), TIME, "Divorce", uid(9)),
    write('update "Chat" set "title" = $1 where "Chat"."id" = $2', "Divorce lawyer", uid(1)),
    read('select "id", "title", "visibility" from "Chat" where "Chat"."userId" = $1 order by "Chat"."createdAt" desc limit $2', uid(9), 11,
         rows=[(uid(1), "Divorce lawyer", "private")]),
    write('insert into "Message_v2" ("id", "chatId", "role", "parts", "attachments", "createdAt") values ($1, $2, $3, $4, $5, $6), '
          "($7, $8, $9, $10, $11, $12)", uid(2), uid(1), "user", TEXT_PARTS, [{"name": "a.png"}], TIME, uid(3), uid(1), "assistant", TEXT_PARTS, [], TIME),
    read('select "id", "parts", "attachments" from "Message_v2" where "Message_v2"."chatId" = $1 order by "Message_v2"."createdAt" asc, "id"', uid(1),
         rows=[(uid(2), TEXT_PARTS, [{"name": "a.png"}]), (uid(3), TEXT_PARTS, [])]),
    write('insert into "Document" ("id", "createdAt", "title", "content", "text", "userId") values ($1, $2, $3, $4, $5, $6) '
          'returning "id", "createdAt", "title", "content"', uid(4), TIME, "Letter", LONG, "text", uid(9)),
    read('select "title", "content" from "Document" where "Document"."id" = $1 order by "Document"."createdAt" asc', uid(4), rows=[("Letter", LONG)]),
    write('insert into "Suggestion" ("id", "documentId", "documentCreatedAt", "originalText", "suggestedText", "description", "isResolved", "userId", '
          '"createdAt") values ($1, $2, $3, $4, $5, $6, default, $7, $8)', uid(5), uid(4), TIME, "me and him", "he and I", "grammar", uid(9), TIME),
    read('select "originalText", "suggestedText", "description" from "Suggestion" where "Suggestion"."documentId" = $1', uid(4),
         rows=[("me and him", "he and I", "grammar")]),
])

EVENTS = [{"name": "exception", "attributes": {"exception.message": "no quota for alice@example.org"}}]
ATTRIBUTES = {"input": {"value": "hello"}, "llm": {"model_name": "x"}}
PHOENIX = Application([
    write("INSERT INTO spans (trace_rowid, span_id, name, span_kind, start_time, end_time, attributes, events, status_code, status_message) VALUES "
          "($1::BIGINT, $2::VARCHAR, $3::VARCHAR, $4::VARCHAR, $5::TIMESTAMPTZ, $6::TIMESTAMPTZ, $7::JSONB, $8::JSONB, $9::VARCHAR, $10::VARCHAR) "
          "ON CONFLICT (span_id) DO NOTHING RETURNING spans.id", 1, "s1", "llm", "LLM", TIME, TIME, ATTRIBUTES, EVENTS, "ERROR", ""),
    read("SELECT spans.span_id, spans.events, substr(spans.attributes #>> '{input,value}', 1, 101) FROM spans WHERE spans.span_id = $1::VARCHAR", "s1",
         rows=[("s1", EVENTS, "hello")]),
    *[write(f"INSERT INTO {kind}_annotations ({kind}_rowid, name, label, score, explanation, metadata, annotator_kind) VALUES ($1::BIGINT, $2::VARCHAR, "
            f"$3::VARCHAR, $4::FLOAT, $5::VARCHAR, $6::JSONB, $7::VARCHAR) ON CONFLICT (name, {kind}_rowid, identifier) DO UPDATE SET "
            "explanation = excluded.explanation, label = excluded.label", 1, "correct", "yes", 1, explanation, {}, "HUMAN")
      for kind in ("span", "trace") for explanation in ("fine", "She got what she asked for")],
    *[read(f"SELECT a.label, a.score, a.explanation FROM {kind}_annotations AS a WHERE a.{kind}_rowid = $1::BIGINT", 1,
           rows=[("yes", 1, "She got what she asked for")]) for kind in ("span", "trace")],
])

LANGFUSE = Application([
    write('INSERT INTO "public"."automation_executions" ("id","source_id","automation_id","project_id","status","input") VALUES ($1,$2,$3,$4,$5,$6) '
          'RETURNING "public"."automation_executions"."id"', "x1", "s1", "a1", "p1", "PENDING", {"prompt": LONG}),
    write('UPDATE "public"."automation_executions" SET "status" = $1, "output" = $2, "error" = $3 WHERE ("public"."automation_executions"."id" = $4 AND '
          '"public"."automation_executions"."project_id" = $5)', "ERROR", {"body": "…"}, "no route", "x1", "p1"),
    read('SELECT "t0"."input", "t0"."output", "t0"."error" FROM "public"."automation_executions" AS "t0" WHERE "t0"."project_id" = $1 '
         'ORDER BY "t0"."created_at" DESC LIMIT $2 OFFSET $3', "p1", 50, 0, rows=[({"prompt": LONG}, {"body": "…"}, "no route")]),
    read('SELECT "a"."__prisma_data__" AS "executions" FROM (VALUES (1)) AS "t"("one") LEFT JOIN LATERAL (SELECT COALESCE(JSONB_AGG("__prisma_data__"), '
         "'[]') AS \"__prisma_data__\" FROM (SELECT JSONB_BUILD_OBJECT('id', \"t1\".\"id\", 'input', \"t1\".\"input\") AS \"__prisma_data__\" "
         'FROM "public"."automation_executions" AS "t1" WHERE "t1"."project_id" = $1) AS "t2") AS "a" ON TRUE', "p1",
         rows=[([{"id": "x1", "input": {"prompt": LONG}}],)]),
    write('INSERT INTO "public"."job_executions" ("id","project_id","job_configuration_id","status") VALUES ($1,$2,$3,$4)', "j1", "p1", "c1", "PENDING"),
    write('UPDATE "public"."job_executions" SET "status" = $1, "error" = $2 WHERE ("public"."job_executions"."id" = $3 AND '
          '"public"."job_executions"."project_id" = $4)', "ERROR", "the model said: …", "j1", "p1"),
    read('SELECT "id", "error" FROM "public"."job_executions" WHERE "project_id" = $1', "p1", rows=[("j1", "the model said: …")]),
])

APPLICATIONS = {
    "open-webui": OPEN_WEBUI, "litellm": LITELLM, "flowise": FLOWISE, "dify": DIFY, "n8n": N8N, "langgraph": LANGGRAPH, "langchain-postgres": LANGCHAIN,
    "letta": LETTA, "mastra": MASTRA, "lobechat": LOBECHAT, "vercel-ai-chatbot": AI_CHATBOT, "phoenix": PHOENIX, "langfuse": LANGFUSE,
}
