using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>
/// Cancels what waits for a number that opted out, after the STOP's own transaction and in transactions of at most 1,000. Nobody waits for it
/// and nothing depends on it: the gates refuse these messages anyway, this only ends them sooner.
/// </summary>
internal sealed class StoppedMessagesWorker(NpgsqlDataSource database, IMessageLedger ledger, ILogger<StoppedMessagesWorker> logger) : BackgroundService
{
    private const int AtOnce = 1_000;

    private const string WaitingSql =
        "SELECT id FROM messages WHERE recipient = $1 AND tenant_id = $2 AND state IN (1, 2) ORDER BY id LIMIT $3";

    private readonly Channel<(TenantId Tenant, PhoneNumber Number)> _numbers = Channel.CreateBounded<(TenantId, PhoneNumber)>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    public void Note(TenantId tenant, PhoneNumber number) => _numbers.Writer.TryWrite((tenant, number));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (tenant, number) in _numbers.Reader.ReadAllAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                await CancelAsync(tenant, number, stoppingToken).ConfigureAwait(false);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.WaitingNotCancelled(logger, e, number.Masked);
            }
        }
    }

    private async Task CancelAsync(TenantId tenant, PhoneNumber number, CancellationToken cancellation)
    {
        while (true)
        {
            var ids = await ReadAsync(tenant, number, cancellation).ConfigureAwait(false);
            if (ids.Count > 0)
            {
                var results = await ledger.CancelAsync(tenant, ids, Reason.Suppressed, cancellation).ConfigureAwait(false);
                Log.WaitingCancelled(logger, results.Count(result => result.Result == TransitionResult.Won), number.Masked);
            }

            if (ids.Count < AtOnce)
            {
                return;
            }
        }
    }

    private async Task<List<MessageId>> ReadAsync(TenantId tenant, PhoneNumber number, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(WaitingSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number.Digits });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = AtOnce });
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        var ids = new List<MessageId>();
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false))
        {
            ids.Add(new MessageId(reader.GetGuid(0)));
        }

        return ids;
    }
}
