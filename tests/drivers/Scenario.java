// usage: java -cp postgresql.jar Scenario.java URL USER PASSWORD – prints what the application saw
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

class Scenario {
  static final String INSERT = "insert into chat(who, body, doc, raw) values (?, ?, ?::jsonb, ?)";
  static final String READ = "select id, who, body, doc, raw from chat order by id";

  static String show(ResultSet rows) throws SQLException {
    StringBuilder out = new StringBuilder();
    ResultSetMetaData meta = rows.getMetaData();
    for (int i = 1; i <= meta.getColumnCount(); i++) out.append(meta.getColumnName(i)).append(':').append(meta.getColumnTypeName(i)).append(' ');
    while (rows.next()) {
      out.append("| ");
      for (int i = 1; i <= meta.getColumnCount(); i++) {
        if (meta.getColumnTypeName(i).equals("bytea")) {
          byte[] bytes = rows.getBytes(i);
          out.append(bytes == null ? "null" : bytes.length + "/" + Arrays.hashCode(bytes));
        } else {
          String text = rows.getString(i);
          out.append(text == null ? "null" : text.length() > 100 ? text.length() + "/" + text.hashCode() : text);
        }
        out.append(' ');
      }
    }
    return out.toString();
  }

  static void set(PreparedStatement s, String who, String body, String doc, byte[] raw) throws SQLException {
    s.setString(1, who); s.setString(2, body); s.setString(3, doc); s.setBytes(4, raw);
  }

  public static void main(String[] args) throws Exception {
    Properties properties = new Properties();
    properties.setProperty("user", args[1]);
    properties.setProperty("password", args[2]);
    try (Connection c = DriverManager.getConnection(args[0], properties)) {
      try (PreparedStatement s = c.prepareStatement(INSERT + " returning id, body, doc, raw")) {
        for (int i = 0; i < 12; i++) {   // beyond the threshold at which the driver prepares on the server and asks for binary
          set(s, "w" + i, i == 3 ? null : i == 4 ? "" : "text \u00e9 " + i, "{\"i\": " + i + "}", i == 5 ? null : new byte[] {0, (byte) i});
          try (ResultSet rows = s.executeQuery()) { System.out.println(show(rows)); }
        }
        set(s, "large", "x".repeat(500_000), "[]", new byte[300_000]);
        try (ResultSet rows = s.executeQuery()) { System.out.println(show(rows)); }
      }
      try (PreparedStatement s = c.prepareStatement(INSERT)) {
        for (int i = 0; i < 20; i++) { set(s, "batch", "batch " + i, null, new byte[i]); s.addBatch(); }
        System.out.println(Arrays.toString(s.executeBatch()));
      }
      for (int i = 0; i < 8; i++)
        try (PreparedStatement s = c.prepareStatement("select body, raw from chat where who = ?")) {
          s.setString(1, "w" + i);
          try (ResultSet rows = s.executeQuery()) { System.out.println(show(rows)); }
        }
      c.setAutoCommit(false);
      try (Statement s = c.createStatement()) {
        s.setFetchSize(5);
        try (ResultSet rows = s.executeQuery(READ)) { System.out.println(show(rows)); }
      }
      c.commit();
      Savepoint point = c.setSavepoint();
      try (Statement s = c.createStatement()) {
        s.executeUpdate("insert into chat(who, body) values ('x', 'rolled back')");
        s.execute("select 1/0");
      } catch (SQLException e) { System.out.println(e.getSQLState()); }
      c.rollback(point);
      c.commit();
      c.setAutoCommit(true);
      CopyManager copy = c.unwrap(PGConnection.class).getCopyAPI();
      copy.copyIn("copy chat(who, body) from stdin (format csv)", new java.io.StringReader("copied,\"by, JDBC\"\n"));
      java.io.StringWriter out = new java.io.StringWriter();
      copy.copyOut("copy (select who, body from chat where who in ('copied', 'x') order by id) to stdout", out);
      System.out.println(out);
      try (Statement s = c.createStatement(); ResultSet rows = s.executeQuery("select count(*) from chat")) { System.out.println(show(rows)); }
      try (ResultSet rows = c.getMetaData().getColumns(null, "public", "chat", "%")) {
        while (rows.next()) System.out.println(rows.getString("COLUMN_NAME") + " " + rows.getString("TYPE_NAME"));
      }
    }
  }
}
