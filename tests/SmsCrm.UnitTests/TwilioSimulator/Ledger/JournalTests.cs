using FsCheck;
using FsCheck.Xunit;
using SmsCrm.TwilioSimulator.Ledger;

namespace SmsCrm.UnitTests.TwilioSimulator.Ledger;

public sealed class JournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("journal").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Property(MaxTest = 50)]
    public void Cut_off_anywhere_it_reads_as_the_records_before(byte[][] payloads, NonNegativeInt cut)
    {
        var path = Path.Combine(_folder, Path.GetRandomFileName());
        var ends = new List<long>();
        using (var journal = Journal.Open(path))
        {
            foreach (var payload in payloads)
            {
                journal.Append(RecordKind.Redacted, payload);
                journal.Flush();
                ends.Add(new FileInfo(path).Length);
            }
        }
        var length = new FileInfo(path).Length;
        var kept = Math.Max(16, length - (cut.Get % (length + 1)));
        using (var file = File.OpenWrite(path))
            file.SetLength(kept);

        var expected = payloads.Take(ends.Count(end => end <= kept));
        Assert.Equal(expected, Read(path));
        Assert.Equal(expected, Read(path));
    }

    [Fact]
    public void A_record_with_a_changed_byte_ends_it()
    {
        var path = Path.Combine(_folder, "changed");
        using (var journal = Journal.Open(path))
        {
            journal.Append(RecordKind.Taken, "first"u8);
            journal.Append(RecordKind.Taken, "second"u8);
            journal.Flush();
        }
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 1;
        File.WriteAllBytes(path, bytes);

        Assert.Equal(["first"u8.ToArray()], Read(path));
    }

    [Fact]
    public void What_was_flushed_is_in_the_file_without_any_closing()
    {
        var path = Path.Combine(_folder, "open");
        var copy = Path.Combine(_folder, "copy");
        using var journal = Journal.Open(path);
        journal.Append(RecordKind.Taken, "taken"u8);
        journal.Flush();
        using (var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
        using (var target = File.Create(copy))
            source.CopyTo(target);

        Assert.Equal(["taken"u8.ToArray()], Read(copy));
    }

    [Fact]
    public void Another_file_is_refused_and_left_alone()
    {
        var path = Path.Combine(_folder, "other");
        File.WriteAllText(path, "This is somebody's letter, not a journal.");

        Assert.Throws<InvalidDataException>(() => Journal.Open(path));
        Assert.StartsWith("This is", File.ReadAllText(path), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_simulators_can_not_write_the_same_file()
    {
        var path = Path.Combine(_folder, "shared");
        using var journal = Journal.Open(path);

        Assert.Throws<IOException>(() => Journal.Open(path));
    }

    private static List<byte[]> Read(string path)
    {
        using var journal = Journal.Open(path);
        var payloads = new List<byte[]>();
        journal.Replay((_, _, payload) => payloads.Add(payload.ToArray()));
        return payloads;
    }
}
