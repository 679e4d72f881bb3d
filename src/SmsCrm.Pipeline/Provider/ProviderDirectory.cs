using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace SmsCrm.Pipeline.Provider;

/// <summary>
/// Tenants, accounts and senders in memory, read again when the settings' version has changed. A loop compares it every
/// <see cref="ProviderOptions.SettingsCheckMs"/>; who has seen a newer version asks for it by <see cref="EnsureAsync"/>.
/// </summary>
public sealed class ProviderDirectory : IDisposable
{
    private readonly NpgsqlDataSource _database;
    private readonly SecretSeal _seal;
    private readonly ProviderMetrics _metrics;
    private readonly ILogger<ProviderDirectory> _logger;
    private readonly SemaphoreSlim _reading = new(1);
    private ProviderSnapshot _current = ProviderSnapshot.Empty;

    internal ProviderDirectory(NpgsqlDataSource database, SecretSeal seal, ProviderMetrics metrics, ILogger<ProviderDirectory> logger)
    {
        _database = database;
        _seal = seal;
        _metrics = metrics;
        _logger = logger;
    }

    /// <summary>Empty (version 0) until it was first read.</summary>
    public ProviderSnapshot Current => Volatile.Read(ref _current);

    /// <summary>A snapshot of at least that version; reads the database where the one in memory is older.</summary>
    public ValueTask<ProviderSnapshot> EnsureAsync(long version, CancellationToken cancellation)
    {
        var current = Current;
        return current.Version >= version && current.Version > 0 ? new(current) : new(ReadAsync(atLeast: version, cancellation));
    }

    /// <summary>Compares the version with the database's, and reads everything where it differs.</summary>
    public Task<ProviderSnapshot> RefreshAsync(CancellationToken cancellation) => ReadAsync(atLeast: null, cancellation);

    public void Dispose() => _reading.Dispose();

    private async Task<ProviderSnapshot> ReadAsync(long? atLeast, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var current = Current;
            if (atLeast is { } wanted && current.Version >= wanted && current.Version > 0)
            {
                return current;
            }

            await using var connection = await _database.OpenConnectionAsync(cancellation).ConfigureAwait(false);
            if (atLeast is null && await SettingsReader.VersionAsync(connection, cancellation).ConfigureAwait(false) == current.Version)
            {
                return current;
            }

            var settings = await SettingsReader.ReadAsync(connection, cancellation).ConfigureAwait(false);
            var snapshot = ToSnapshot(settings);
            Volatile.Write(ref _current, snapshot);
            _metrics.SettingsLoads.Add(1);
            foreach (var tenant in snapshot.Tenants.Where(tenant => !snapshot.Rules.Of(tenant.Id).IsReadable))
            {
                Log.RulesUnreadable(_logger, tenant.Id.Value);
            }

            Log.SettingsLoaded(_logger, snapshot.Version, snapshot.Tenants.Count, snapshot.Accounts.Count, snapshot.Senders.Count);
            return snapshot;
        }
        finally
        {
            _reading.Release();
        }
    }

    private ProviderSnapshot ToSnapshot(SettingsReader.Settings settings)
    {
        var usable = new List<AccountEntry>(settings.Accounts.Count);
        foreach (var account in settings.Accounts)
        {
            if (Open(account) is { } entry)
            {
                usable.Add(entry);
            }
        }

        _metrics.Unusable.Record(settings.Accounts.Count - usable.Count);
        return new ProviderSnapshot(settings.Version, settings.Tenants, usable, settings.Senders, settings.Rules);
    }

    /// <summary>Null where the account can't be used: the others go on.</summary>
    private AccountEntry? Open(SettingsReader.SealedAccount account)
    {
        var objection = Uri.TryCreate(account.BaseAddress, UriKind.Absolute, out var address)
            ? _seal.Objection(address)
            : $"its base address '{account.BaseAddress}' is not an absolute address.";
        if (objection is null)
        {
            try
            {
                var token = _seal.Open(account.SealedToken, account.Id);
                return new AccountEntry(
                    new ProviderAccount(account.Id, account.Tenant, account.AccountSid, token, address!, account.SegmentsPerSecond, account.MaxConcurrency)
                    {
                        PreviousAuthToken = account.SealedPreviousToken is { } previous ? _seal.Open(previous, account.Id) : null,
                        PreviousTokenUntil = account.PreviousTokenUntil,
                    },
                    account.IsHalted,
                    account.HaltedReason,
                    account.Weight);
            }
            catch (CryptographicException)
            {
                objection = $"its secret does not open with {ProviderOptions.Section}:SecretKey: set the key that it was sealed with, or the secret again.";
            }
        }

        Log.AccountUnusable(_logger, account.Id, objection);
        return null;
    }
}
