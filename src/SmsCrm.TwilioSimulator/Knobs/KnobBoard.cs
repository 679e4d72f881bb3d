using SmsCrm.TwilioSimulator.Api;

namespace SmsCrm.TwilioSimulator.Knobs;

/// <summary>The knobs in force: one set for all, and sets of their own for accounts that have one.</summary>
internal sealed class KnobBoard(SimulatorKnobs atStart)
{
    private readonly SimulatorKnobs _atStart = atStart;
    private volatile SimulatorKnobs _shared = atStart;

    public SimulatorKnobs Shared
    {
        get => _shared;
        set => _shared = value;
    }

    public SimulatorKnobs For(Account account) => account.OwnKnobs ?? _shared;

    public void Reset() => _shared = _atStart;
}
