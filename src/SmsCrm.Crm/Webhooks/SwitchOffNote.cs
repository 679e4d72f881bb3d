using System.Text.Json;
using Npgsql;
using SmsCrm.Crm.Audit;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Crm.Webhooks;

/// <summary>An endpoint that switched itself off is on record like any change.</summary>
internal static class SwitchOffNote
{
    private const string Actor = "webhook deliveries";

    public static Task WriteAsync(NpgsqlTransaction transaction, TenantId tenant, Guid endpoint, string reason, CancellationToken cancellation) =>
        ChangeLog.WriteAsync(
            transaction.Connection!,
            transaction,
            new Note(tenant, Actor, "switch_off", WebhookStore.Subject(endpoint)),
            null,
            JsonSerializer.Serialize(new { state = "off", reason }),
            cancellation);
}
