using System.Collections.Concurrent;
using System.Text;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>The accounts, by sid and by what opens them.</summary>
internal sealed class AccountBook
{
    private const string Scheme = "Basic ";
    private readonly ConcurrentDictionary<string, Account> _bySid = new();
    // Headers that were accepted before; there are as many as there are credentials.
    private readonly ConcurrentDictionary<string, Account> _byHeader = new();
    private readonly List<Account> _byNumber = [];
    private readonly Lock _gate = new();

    public IReadOnlyCollection<Account> All => [.. _bySid.Values];

    /// <summary>Adds an account, or replaces its credentials.</summary>
    public Account Put(SimulatedAccount configured)
    {
        lock (_gate)
        {
            var known = _bySid.GetValueOrDefault(configured.Sid);
            var account = new Account(configured, known?.Number ?? _byNumber.Count) { OwnKnobs = known?.OwnKnobs };
            if (known is null)
                _byNumber.Add(account);
            else
                _byNumber[known.Number] = account;
            _bySid[configured.Sid] = account;
            _byHeader.Clear();
            return account;
        }
    }

    /// <summary>The account of a message in the ledger. One that is no longer configured can't be opened: it has no token.</summary>
    public Account OfLedger(string sid) => _bySid.GetValueOrDefault(sid) ?? Put(new SimulatedAccount(sid, ""));

    public Account? Find(string sid) => _bySid.GetValueOrDefault(sid);

    public Account this[int number]
    {
        get
        {
            lock (_gate)
                return _byNumber[number];
        }
    }

    /// <summary>The account that an Authorization header opens, or null.</summary>
    public Account? Authenticate(string? header)
    {
        if (header is null)
            return null;
        if (_byHeader.TryGetValue(header, out var known))
            return known;
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return null;
        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var length))
            return null;
        var pair = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            return null;
        foreach (var account in _bySid.Values)
        {
            if (account.Configured.AuthToken.Length > 0 && account.Accepts(pair[..colon], pair[(colon + 1)..]))
            {
                lock (_gate)
                {
                    if (ReferenceEquals(_bySid.GetValueOrDefault(account.Sid), account) && _byHeader.Count < 100_000)
                        _byHeader[header] = account;
                }
                return account;
            }
        }
        return null;
    }
}
