using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using SmsCrm.Pipeline.Ledger;
using SmsCrm.Pipeline.Messages;
using SmsCrm.Pipeline.Provider;

namespace SmsCrm.Pipeline.Receipts.Inbound;

/// <summary>
/// Reads the provider's list of inbound texts every minute, always, with an overlap: webhooks get lost, and what Postgres could not keep is
/// refused. In the one process that holds the lease; two would only do the work twice.
/// </summary>
internal sealed class InboundListLoop(
    ProviderDirectory directory,
    ISmsProvider provider,
    InboundTexts texts,
    StoppedMessagesWorker stopped,
    NpgsqlDataSource database,
    Leases leases,
    IOptions<ReceiptsOptions> options,
    ReceiptsMetrics metrics,
    TimeProvider clock,
    ILogger<InboundListLoop> logger) : BackgroundService
{
    private const string LeaseName = "inbound-list";

    /// <summary>How far before the mark it looks again: the list lags, and its times are the provider's.</summary>
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(5);

    /// <summary>How far back the first look at an account goes.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromDays(1);

    private readonly Guid _holder = Guid.CreateVersion7();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var round = TimeSpan.FromMilliseconds(options.Value.InboundListMs);
        using var timer = new PeriodicTimer(round, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            try
            {
                if (await leases.TakeAsync(LeaseName, _holder, (2 * round) + TimeSpan.FromSeconds(10), stoppingToken).ConfigureAwait(false))
                {
                    await RoundAsync(stoppingToken).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                Log.InboundListFailed(logger, e);
            }
        }
    }

    /// <summary>Every account that works, once.</summary>
    internal async Task RoundAsync(CancellationToken cancellation)
    {
        var settings = directory.Current;
        foreach (var account in settings.Accounts.Where(entry => !entry.IsHalted).Select(entry => entry.Account))
        {
            var from = clock.GetUtcNow();
            var since = await MarkAsync(account.Id, cancellation).ConfigureAwait(false) is { } mark ? mark - Overlap : from - FirstLook;
            if (await ReadAsync(settings, account, since, cancellation).ConfigureAwait(false))
            {
                await MarkAsync(account.Id, from, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <returns>Whether all of it was answered and kept.</returns>
    private async Task<bool> ReadAsync(ProviderSnapshot settings, ProviderAccount account, DateTimeOffset since, CancellationToken cancellation)
    {
        var found = new List<ProviderMessage>();
        foreach (var sender in settings.Senders.Where(sender => sender.AccountId == account.Id && sender.Kind != "alphanumeric"))
        {
            if (await provider.ListInboundAsync(account, sender.Address, since, cancellation).ConfigureAwait(false) is not { } page)
            {
                return false;
            }

            found.AddRange(page);
        }

        // In the order in which they were written: of a STOP and a START the later one counts.
        var whole = true;
        foreach (var message in found.OrderBy(message => message.CreatedAt))
        {
            whole &= await KeepOrPassAsync(settings, account, message, cancellation).ConfigureAwait(false);
        }

        return whole;
    }

    /// <summary>What is wrong with one text holds up no other. That Postgres is away is no text's fault: it comes out.</summary>
    /// <returns>Whether the mark may pass it: it is kept, or nothing will ever keep it. What fails for another reason is tried again with the next round.</returns>
    private async Task<bool> KeepOrPassAsync(ProviderSnapshot settings, ProviderAccount account, ProviderMessage message, CancellationToken cancellation)
    {
        try
        {
            await KeepAsync(settings, account, message, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && (e is not NpgsqlException || BatchFaults.Of(e) == BatchFault.Entry))
        {
            Log.InboundUnusable(logger, message.Sid.ToString(), BatchFaults.Sentence(e));
            metrics.UnusableTexts.Add(1);
            return BatchFaults.Of(e) == BatchFault.Entry;
        }
    }

    private async Task KeepAsync(ProviderSnapshot settings, ProviderAccount account, ProviderMessage message, CancellationToken cancellation)
    {
        if (!PhoneNumber.TryParseE164(message.From, out var from))
        {
            return;
        }

        var tollFree = settings.Sender(account.Tenant, message.To) is { Kind: "toll_free" };
        var text = new InboundText(
            message.Sid, account.Id, from, message.To, message.Body, KeywordReader.Read(message.Body, null, tollFree), message.CreatedAt, FoundBy.List)
        {
            MediaCount = MediaReader.Count(message.NumMedia),
        };
        await texts.KeepAsync(account.Tenant, text, cancellation).ConfigureAwait(false);
        if (text.Keyword is Keyword.Stop or Keyword.Review)
        {
            stopped.Note(account.Tenant, from);
        }
    }

    private async Task<DateTimeOffset?> MarkAsync(Guid account, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("SELECT read_until FROM inbound_marks WHERE account_id = $1");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    private async Task MarkAsync(Guid account, DateTimeOffset until, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(
            "INSERT INTO inbound_marks AS m VALUES ($1, $2) ON CONFLICT (account_id) DO UPDATE SET read_until = greatest(m.read_until, EXCLUDED.read_until)");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = account });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = until.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }
}
