using Npgsql;
using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.IntegrationTests.Server;

internal static class NewTenants
{
    /// <summary>Makes a tenant of that id with all defaults, and a key that opens its data.</summary>
    public static async Task<string> KeyOfNewAsync(this ApiKeys keys, NpgsqlDataSource postgres, TenantId tenant, string name)
    {
        await using var insert = postgres.CreateCommand("INSERT INTO tenants (id, name) VALUES ($1, $2)");
        insert.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        await insert.ExecuteNonQueryAsync();
        return Assert.IsType<CreateKeyOutcome.Created>(await keys.CreateAsync(tenant, name, default)).Key;
    }
}
