using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Gates.Facts;

/// <summary>Whose facts are wanted.</summary>
internal readonly record struct FactsKey(MessageId Id, TenantId Tenant, PhoneNumber Recipient);

/// <summary>The facts of one batch, all from one round trip.</summary>
/// <param name="StartedAt">The boot clock's timestamp from before the round trip: what the facts say is at most as old as that.</param>
/// <param name="Now">The database's clock.</param>
/// <param name="SettingsVersion">The version of tenants, accounts and senders that caches must have.</param>
/// <param name="Floor">Ids below it are older than the ledger keeps rows.</param>
internal sealed record BatchFacts(
    long StartedAt,
    DateTimeOffset Now,
    long SettingsVersion,
    MessageId Floor,
    IReadOnlyDictionary<MessageId, RowFacts> Rows,
    IReadOnlyDictionary<(TenantId Tenant, PhoneNumber Number), SuppressionFacts> Suppressions)
{
    public RowFacts RowOf(MessageId id) => Rows.TryGetValue(id, out var row) ? row : RowFacts.NoRow;

    public SuppressionFacts SuppressionOf(TenantId tenant, PhoneNumber number) => Suppressions.GetValueOrDefault((tenant, number));
}
