using SmsCrm.Crm.Access;
using SmsCrm.Pipeline.Messages;
using SmsCrm.TestKit;

namespace SmsCrm.IntegrationTests.Access;

public sealed class ApiKeysTests(DatabaseFixture database) : IClassFixture<DatabaseFixture>
{
    private readonly ApiKeys _keys = new(database.DataSource, TimeProvider.System);

    [Fact]
    public async Task A_key_is_listed_without_its_secret_and_can_be_revoked_once()
    {
        var tenant = await NewTenantAsync("Acme");
        var made = Assert.IsType<CreateKeyOutcome.Created>(await _keys.CreateAsync(tenant, "web shop", CancellationToken.None));

        var listed = Assert.Single(await _keys.ListAsync(tenant, CancellationToken.None));
        Assert.Equal((made.Id, "Acme", "web shop", made.Prefix, null), (listed.Id, listed.TenantName, listed.Name, listed.Prefix, listed.RevokedAt));
        Assert.StartsWith(made.Prefix, made.Key, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Key, listed.ToString(), StringComparison.Ordinal);

        Assert.Equal(RevokeKeyOutcome.Revoked, await _keys.RevokeAsync(made.Prefix, CancellationToken.None));
        Assert.Equal(RevokeKeyOutcome.AlreadyRevoked, await _keys.RevokeAsync(made.Id.ToString(), CancellationToken.None));
        Assert.NotNull(Assert.Single(await _keys.ListAsync(tenant, CancellationToken.None)).RevokedAt);
    }

    [Fact]
    public async Task The_secret_is_stored_nowhere()
    {
        var made = Assert.IsType<CreateKeyOutcome.Created>(await _keys.CreateAsync(null, "operator", CancellationToken.None));

        await using var read = database.DataSource.CreateCommand("SELECT count(*) FROM api_keys k WHERE k::text LIKE '%' || $1 || '%'");
        read.Parameters.Add(new() { Value = made.Key[^43..] });

        Assert.Equal(0L, await read.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_key_needs_a_tenant_that_is_there_and_a_name()
    {
        var nobody = new TenantId(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()));

        Assert.IsType<CreateKeyOutcome.NoSuchTenant>(await _keys.CreateAsync(nobody, "x", CancellationToken.None));
        Assert.IsType<CreateKeyOutcome.BadName>(await _keys.CreateAsync(null, " ", CancellationToken.None));
        Assert.IsType<CreateKeyOutcome.BadName>(await _keys.CreateAsync(null, new string('n', 201), CancellationToken.None));
        Assert.Equal(RevokeKeyOutcome.NoSuchKey, await _keys.RevokeAsync("smscrm_nobody00", CancellationToken.None));
    }

    [Fact]
    public async Task What_was_revoked_lately_is_told_with_the_version_of_the_settings()
    {
        var store = new ApiKeyStore(database.DataSource, new RevokedKeys());
        var made = Assert.IsType<CreateKeyOutcome.Created>(await _keys.CreateAsync(null, "short-lived", CancellationToken.None));
        Assert.NotNull(await store.FindAsync(ApiKeyText.Hash(made.Key), CancellationToken.None));

        await _keys.RevokeAsync(made.Prefix, CancellationToken.None);

        var changes = await store.ChangesAsync(TimeSpan.FromSeconds(30), CancellationToken.None);
        Assert.Contains(made.Id, changes.Revoked);
        Assert.True(changes.SettingsVersion > 0);
        Assert.Null(await store.FindAsync(ApiKeyText.Hash(made.Key), CancellationToken.None));
    }

    private async Task<TenantId> NewTenantAsync(string name)
    {
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        await using var insert = database.DataSource.CreateCommand("INSERT INTO tenants (id, name) VALUES ($1, $2)");
        insert.Parameters.Add(new() { Value = id });
        insert.Parameters.Add(new() { Value = name });
        await insert.ExecuteNonQueryAsync();
        return new TenantId(id);
    }
}
