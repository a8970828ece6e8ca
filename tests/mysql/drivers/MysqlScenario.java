// What MariaDB's JDBC driver does with a table whose text, json and blob columns may be sealed.
// usage: java MysqlScenario.java URL USER PASSWORD; prints what the application saw, one observation per line
import java.nio.charset.StandardCharsets;
import java.sql.*;

public class MysqlScenario {
  static final String READ = "select id, who, body, doc, raw from chat order by id";

  static void show(ResultSet rows) throws SQLException {
    ResultSetMetaData meta = rows.getMetaData();
    StringBuilder head = new StringBuilder();
    for (int i = 1; i <= meta.getColumnCount(); i++)
      head.append(meta.getColumnLabel(i)).append(' ').append(meta.getColumnTypeName(i)).append(' ').append(meta.getColumnType(i)).append("; ");
    System.out.println(head);
    while (rows.next()) {
      StringBuilder line = new StringBuilder();
      for (int i = 1; i <= meta.getColumnCount(); i++) {
        byte[] bytes = rows.getBytes(i);
        line.append(bytes == null ? "null" : bytes.length + ":" + new String(bytes, StandardCharsets.ISO_8859_1).replace('\n', ' ')).append(" | ");
      }
      System.out.println(line);
    }
  }

  static void insert(Connection c, String who, String body, String doc, byte[] raw) throws SQLException {
    try (PreparedStatement s = c.prepareStatement("insert into chat(who, body, doc, raw) values (?, ?, ?, ?)", Statement.RETURN_GENERATED_KEYS)) {
      s.setString(1, who);
      s.setString(2, body);
      s.setString(3, doc);
      s.setBytes(4, raw);
      System.out.println("inserted " + s.executeUpdate());
      try (ResultSet keys = s.getGeneratedKeys()) {
        keys.next();
        System.out.println("key " + keys.getLong(1));
      }
    }
  }

  public static void main(String[] args) throws Exception {
    try (Connection c = DriverManager.getConnection(args[0], args[1], args[2])) {
      insert(c, "a", "hello", "{\"k\": [1, \"é\"]}", new byte[] {0, (byte) 255});
      insert(c, "b", null, null, null);
      insert(c, "c", "", "\"text\"", new byte[0]);
      insert(c, "d", "large é ".repeat(20000), null, new byte[50000]);
      try (PreparedStatement s = c.prepareStatement("insert into chat(who, body) values (?, ?)")) {
        for (int i = 0; i < 20; i++) {
          s.setString(1, "batch");
          s.setString(2, "batch " + i);
          s.addBatch();
        }
        System.out.println("batch " + s.executeBatch().length);
      }
      try (PreparedStatement s = c.prepareStatement("select body, doc, raw from chat where who = ? order by id")) {
        for (String who : new String[] {"a", "b", "a", "batch"}) {
          s.setString(1, who);
          try (ResultSet rows = s.executeQuery()) { show(rows); }
        }
      }
      try (Statement s = c.createStatement()) {
        s.setFetchSize(3);
        try (ResultSet rows = s.executeQuery(READ)) { show(rows); }
      }
      c.setAutoCommit(false);
      insert(c, "x", "rolled back", null, null);
      try (Statement s = c.createStatement()) {
        s.execute("select nothing from nowhere");
      } catch (SQLException e) {
        System.out.println("error " + e.getErrorCode() + " " + e.getSQLState());
      }
      c.rollback();
      c.setAutoCommit(true);
      try (Statement s = c.createStatement(); ResultSet rows = s.executeQuery("select count(*) from chat")) { show(rows); }
      try (ResultSet rows = c.getMetaData().getColumns(c.getCatalog(), null, "chat", null)) {
        while (rows.next()) System.out.println(rows.getString("COLUMN_NAME") + " " + rows.getString("TYPE_NAME"));
      }
    }
  }
}
