using SmsCrm.TestKit;

// One server for the assembly, started when a test first asks for it.
[assembly: AssemblyFixture(typeof(PostgresFixture))]
