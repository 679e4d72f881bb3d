#load "eng/test-summary.cake"

// Prepares for build.sh, which starts and ends this: packages of the machine, restore, build; tests and lint.

var target = Argument("target", "Prepare");
var kafka = Argument("kafka", "embedded");
var solution = "SmsCrm.sln";
var results = MakeAbsolute(Directory("out"));

Task("Packages")
    .Does(() =>
    {
        var names = "postgres redis" + (kafka == "managed" ? " java" : "");
        RunOrFail("eng/packages.sh", names);
    });

Task("Restore")
    .Does(() => DotNetRestore(solution, new DotNetRestoreSettings { LockedMode = true, Verbosity = DotNetVerbosity.Quiet }));

Task("Build")
    .IsDependentOn("Restore")
    .Does(() => DotNetBuild(solution, new DotNetBuildSettings
    {
        Configuration = "Release",
        NoRestore = true,
        NoLogo = true,
        Verbosity = DotNetVerbosity.Quiet,
    }));

Task("Prepare")
    .IsDependentOn("Packages")
    .IsDependentOn("Build");

Task("Test")
    .IsDependentOn("Packages")
    .IsDependentOn("Build")
    .Does(() =>
    {
        CleanDirectory(results);

        // One assembly after the other: each starts servers and brokers of its own, and there may be two cores.
        var exit = StartProcess("dotnet", new ProcessSettings
        {
            Arguments = "test --solution " + solution + " -c Release --no-build --no-progress --max-parallel-test-modules 1"
                + " --results-directory " + results.FullPath
                + " --report-trx --report-trx-filename {asm}.trx --coverlet --coverlet-output-format cobertura",
        });
        RunOrFail("dotnet", "tool run reportgenerator \"-reports:" + results.FullPath + "/coverage.cobertura*.xml\" \"-targetdir:"
            + results.FullPath + "/coverage\" -reporttypes:TextSummary -verbosity:Error");

        var summary = TestSummary.Read(results.FullPath, EnvironmentVariable("KAFKA_HOME"));
        if (exit != 0 && summary.Failed == 0)
        {
            summary.CountUnfinishedAssembly(exit);
        }

        summary.Print();
        System.IO.File.WriteAllText(results.FullPath + "/closing-line", summary.ClosingLine + "\n");
        if (summary.Failed > 0)
        {
            throw new CakeException("The tests failed: " + summary.ClosingLine);
        }
    });

Task("Lint")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        if (Context.Tools.Resolve("shellcheck") is null)
        {
            Warning("shellcheck is not installed: the shell scripts are not checked");
        }
        else
        {
            RunOrFail("shellcheck", "build.sh .ci/run eng/packages.sh");
        }

        RunOrFail("dotnet", "format " + solution + " --verify-no-changes --no-restore");
    });

RunTarget(target);

void RunOrFail(string program, string arguments)
{
    var exit = StartProcess(program, new ProcessSettings { Arguments = arguments });
    if (exit != 0)
    {
        throw new CakeException(program + " " + arguments + " ended with code " + exit);
    }
}
