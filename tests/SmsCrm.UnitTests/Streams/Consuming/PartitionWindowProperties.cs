using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using SmsCrm.Streams.Consuming;

namespace SmsCrm.UnitTests.Streams.Consuming;

/// <summary>
/// Any order of deliveries, completions and rebalances against a model that only knows sets. The numbers of a step choose
/// among what is possible at that moment.
/// </summary>
public sealed class PartitionWindowProperties
{
    [Property(Arbitrary = [typeof(Steps)], MaxTest = 500)]
    public void The_watermark_is_the_lowest_incomplete_offset_and_never_goes_back(Step[] steps)
    {
        var run = new Run();
        foreach (var step in steps)
        {
            run.Do(step);
            run.AssertSound();
        }
    }

    [Property(Arbitrary = [typeof(Steps)], MaxTest = 500)]
    public void When_everything_is_complete_the_watermark_is_the_last_offset_plus_one(Step[] steps)
    {
        var run = new Run();
        foreach (var step in steps)
        {
            run.Do(step);
        }

        run.CompleteEverything();

        run.AssertAllStored();
    }

    [Property(Arbitrary = [typeof(Steps)], MaxTest = 500)]
    public void Late_completions_of_ended_assignments_change_nothing(Step[] steps)
    {
        var run = new Run();
        foreach (var step in steps)
        {
            run.Do(step);
            run.AssertStaleCompletionsAreIgnored();
        }
    }

    public enum Kind
    {
        Deliver,
        Complete,
        CompleteAgain,
        Rebalance,
    }

    public sealed record Step(Kind Kind, int Choice);

    private static class Steps
    {
        public static Arbitrary<Step> Step()
        {
            var kinds = Gen.Frequency(
                (6, Gen.Constant(Kind.Deliver)), (6, Gen.Constant(Kind.Complete)), (1, Gen.Constant(Kind.CompleteAgain)), (1, Gen.Constant(Kind.Rebalance)));
            return Arb.From(kinds.SelectMany(kind => Gen.Choose(0, 1_000).Select(choice => new Step(kind, choice))));
        }
    }

    private sealed class Run
    {
        private const int Capacity = 5;
        private readonly PartitionWindow _window = new(Capacity, epoch: 1, position: 100);
        private readonly SortedDictionary<long, long> _incomplete = [];
        private readonly List<long> _completed = [];
        private readonly List<(long Epoch, long Sequence)> _late = [];
        private long _epoch = 1;
        private long _start = 100;
        private long _last = 99;
        private long _watermark = 100;

        public void Do(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Deliver:
                    Deliver(_window.NextOffset + (step.Choice % 3));
                    break;
                case Kind.Complete when _incomplete.Count > 0:
                    Complete(_incomplete.Keys.ElementAt(step.Choice % _incomplete.Count));
                    break;
                case Kind.CompleteAgain when _completed.Count > 0:
                    Assert.Equal(CompletionOutcome.Repeated, _window.Complete(_epoch, _completed[step.Choice % _completed.Count]));
                    break;
                case Kind.Rebalance:
                    Rebalance(step.Choice);
                    break;
                default:
                    break;
            }
        }

        public void CompleteEverything()
        {
            foreach (var offset in _incomplete.Keys.Reverse().ToList())
            {
                Complete(offset);
            }
        }

        public void AssertSound()
        {
            Assert.True(_window.Watermark >= _watermark, "The watermark went back.");
            _watermark = _window.Watermark;
            if (_incomplete.Count > 0)
            {
                var lowest = _incomplete.Keys.First();
                Assert.True(_window.Watermark <= lowest, $"The watermark {_window.Watermark} passes the incomplete offset {lowest}.");
            }
            else
            {
                AssertAllStored();
            }

            Assert.InRange(_window.Count, _incomplete.Count, Capacity);
        }

        public void AssertAllStored() => Assert.Equal(_last < _start ? _start : _last + 1, _window.Watermark);

        public void AssertStaleCompletionsAreIgnored()
        {
            var before = (_window.Watermark, _window.Count, _window.NextOffset);
            foreach (var (epoch, sequence) in _late)
            {
                Assert.Equal(CompletionOutcome.Stale, _window.Complete(epoch, sequence));
            }

            Assert.Equal(before, (_window.Watermark, _window.Count, _window.NextOffset));
        }

        private void Deliver(long offset)
        {
            var wasFull = _window.IsFull;
            var added = _window.TryAdd(offset, now: 0, out var sequence);
            Assert.NotEqual(wasFull, added);
            if (added)
            {
                _incomplete.Add(offset, sequence);
                _last = offset;
            }
        }

        private void Complete(long offset)
        {
            var sequence = _incomplete[offset];
            var wasOldest = _incomplete.Keys.First() == offset;
            _incomplete.Remove(offset);
            _completed.Add(sequence);
            var outcome = _window.Complete(_epoch, sequence);
            Assert.Equal(wasOldest ? CompletionOutcome.Advanced : CompletionOutcome.Kept, outcome);
        }

        private void Rebalance(int choice)
        {
            _late.AddRange(_incomplete.Values.Select(sequence => (_epoch, sequence)));
            _incomplete.Clear();
            _completed.Clear();
            _epoch++;
            // The next owner left off somewhere behind, or ahead.
            _start = _watermark = Math.Max(0, _window.Watermark + (choice % 7) - 3);
            _last = _start - 1;
            _window.Restart(_epoch, _start);
        }
    }
}
