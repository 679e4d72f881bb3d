using System.Diagnostics;

namespace SmsCrm.Server.Local;

/// <summary>A child to start.</summary>
/// <param name="Name">How it is called in reports, and the name of its log.</param>
/// <param name="File">The program.</param>
/// <param name="Arguments">Its arguments; one of them must contain <paramref name="Mark"/>.</param>
/// <param name="Mark">A piece of its command line by which a later run recognises it (see <see cref="Leftovers"/>).</param>
/// <param name="LogFile">Receives its standard output and error, appended.</param>
/// <param name="PidFile">Holds its id while it runs.</param>
public sealed record ChildProcessOptions(
    string Name, string File, IReadOnlyList<string> Arguments, string Mark, string LogFile, string PidFile)
{
    /// <summary>Added to, or replacing, the parent's environment.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Default: the root folder.</summary>
    public string WorkingDirectory { get; init; } = "/";
}

/// <summary>
/// A long-running child in a session of its own, so that the terminal's Ctrl-C reaches only us and we stop it in order.
/// It writes to its log file itself: it survives the end of our process, and the next run ends it by its pid file.
/// </summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly ChildProcessOptions _options;
    private readonly Process _process;

    private ChildProcess(ChildProcessOptions options, Process process) => (_options, _process) = (options, process);

    public string Name => _options.Name;

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Null while it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    public string LogFile => _options.LogFile;

    /// <summary>Ends what an earlier run left behind under the same pid file, then starts the child.</summary>
    /// <exception cref="LocalServerException">The program can't be started.</exception>
    public static async Task<ChildProcess> StartAsync(ChildProcessOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(options.LogFile)!);
        Directory.CreateDirectory(Path.GetDirectoryName(options.PidFile)!);
        await Leftovers.EndAsync(options.PidFile, cancellationToken).ConfigureAwait(false);

        // The shell opens the log and becomes setsid, which becomes the program: one process, whose id we hold.
        var start = new ProcessStartInfo("/bin/sh")
        {
            WorkingDirectory = options.WorkingDirectory,
            ArgumentList = { "-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1 </dev/null", "sh", options.LogFile },
        };
        foreach (var argument in OwnSession.Concat([options.File]).Concat(options.Arguments))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in options.Environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start) ?? throw new LocalServerException($"{options.Name} could not be started ({options.File})");
        await Leftovers.WriteAsync(options.PidFile, process.Id, options.Mark).ConfigureAwait(false);
        return new ChildProcess(options, process);
    }

    /// <exception cref="LocalServerException">It has ended; with its exit code and last log lines.</exception>
    public void RequireRunning()
    {
        if (_process.HasExited)
        {
            throw new LocalServerException(Obituary());
        }
    }

    /// <summary>What is said of a child that ended unasked.</summary>
    public string Obituary() => FormattableString.Invariant(
        $"{Name} ended with code {ExitCode}. Its log {LogFile} ends with:\n{LogTail.Read(LogFile, 15)}");

    /// <summary>Completes when the child has ended, for whatever reason.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>SIGINT, as the terminal's Ctrl-C sends it.</summary>
    public void Interrupt() => ProcessTable.Interrupt(_process.Id);

    /// <summary>SIGTERM, and SIGKILL when it is still there after <paramref name="patience"/>. Returns whether it ended by itself.</summary>
    public async Task<bool> StopAsync(TimeSpan patience)
    {
        if (!_process.HasExited)
        {
            ProcessTable.Terminate(_process.Id);
        }

        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(timeout.Token).ConfigureAwait(false);
            File.Delete(_options.PidFile);
            return true;
        }
        catch (OperationCanceledException)
        {
            await KillAsync().ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>kill -9, and waits until it is gone.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited)
        {
            ProcessTable.Kill(_process.Id);
        }

        await _process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        File.Delete(_options.PidFile);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(10)).ConfigureAwait(false);
        _process.Dispose();
    }

    // macOS has no setsid program, but has Perl.
    private static string[] OwnSession =>
        SystemProgram.Find("setsid") is { } setsid ? [setsid] : ["perl", "-MPOSIX", "-e", "POSIX::setsid(); exec @ARGV or die $!", "--"];
}
