using System.Security.Cryptography;
using System.Text;
using SmsCrm.TwilioSimulator.Knobs;

namespace SmsCrm.TwilioSimulator.Api;

/// <summary>An account at run time.</summary>
internal sealed class Account(SimulatedAccount configured, int number)
{
    private readonly HashSet<string> _senders = [.. configured.Senders];
    private int _inFlight;

    public string Sid => configured.Sid;

    public int Number => number;

    public SimulatedAccount Configured => configured;

    /// <summary>What callbacks are signed with.</summary>
    public byte[] SigningKey { get; } = Encoding.UTF8.GetBytes(configured.AuthToken);

    /// <summary>Knobs of its own; null where the shared ones hold.</summary>
    public SimulatorKnobs? OwnKnobs { get; set; }

    public int InFlight => Volatile.Read(ref _inFlight);

    public int Enter() => Interlocked.Increment(ref _inFlight);

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    public bool MaySendFrom(string sender) => _senders.Count == 0 || _senders.Contains(sender);

    /// <summary>Whether the pair of user name and password opens this account.</summary>
    public bool Accepts(string user, string password)
    {
        var expected = user == Sid ? configured.AuthToken : configured.ApiKeys.GetValueOrDefault(user);
        return expected is not null
            && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(expected), Encoding.UTF8.GetBytes(password));
    }
}
