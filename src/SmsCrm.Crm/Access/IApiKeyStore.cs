namespace SmsCrm.Crm.Access;

/// <summary>What changed about keys since the last look.</summary>
/// <param name="Revoked">Keys revoked lately; the same one may be told several times.</param>
/// <param name="SettingsVersion">Raised by every change of a tenant.</param>
internal sealed record KeyChanges(IReadOnlyList<Guid> Revoked, long SettingsVersion);

/// <summary>Keys as Postgres has them; tests put a store that goes away in its place. Throws Npgsql's exceptions.</summary>
internal interface IApiKeyStore
{
    /// <summary>Null where the key is unknown or revoked.</summary>
    Task<ApiCaller?> FindAsync(KeyHash hash, CancellationToken cancellation);

    /// <param name="lookBack">How far back revocations are read.</param>
    Task<KeyChanges> ChangesAsync(TimeSpan lookBack, CancellationToken cancellation);
}
