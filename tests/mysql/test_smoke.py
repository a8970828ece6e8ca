def test_smoke(release, make_mysql_pair):
    pair = make_mysql_pair(release, "version: 1\ntables: []\n", "create table t(id int primary key, c text)")
    for subject in (pair.plain, pair.sealed):
        for tls in (True, False):
            with subject.connect(tls=tls) as connection, connection.cursor() as cursor:
                cursor.execute("insert into t values (1, 'x') on duplicate key update c='y'")
                cursor.execute("select * from t")
                assert cursor.fetchall()[0][0] == 1
