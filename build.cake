// dotnet tool restore && dotnet cake [--target=Default] [--configuration=Release]
var target = Argument("target", "Default");
var configuration = Argument("configuration", "Release");
var solution = "Cclm.sln";
var output = Directory("artifacts");
string[] packages = ["Cclm.Export", "Cclm.Inference", "Cclm.Training"];

Task("Clean")
    .Description("Deletes what a build makes.")
    .Does(() =>
    {
        CleanDirectories("Cclm.*/{bin,obj}");
        CleanDirectories("samples/*/{bin,obj}");
        CleanDirectory(output);
    });

Task("Build")
    .Description("Builds every project; a warning is an error.")
    .Does(() => DotNetBuild(solution, new() { Configuration = configuration }));

Task("Format")
    .Description("Fails where a file is not formatted as .editorconfig says; 'dotnet format' corrects it.")
    .Does(() => DotNetFormat(solution, new() { VerifyNoChanges = true }));

Task("Test")
    .Description("Runs every test.")
    .IsDependentOn("Build")
    .Does(() => DotNetTest(solution, new() { Configuration = configuration, NoBuild = true }));

Task("Pack")
    .Description("Makes the NuGet packages, in artifacts/packages.")
    .IsDependentOn("Build")
    .DoesForEach(packages, package =>
        DotNetPack(package, new() { Configuration = configuration, NoBuild = true, OutputDirectory = output + Directory("packages") }));

Task("Demo")
    .Description("Trains, exports, stitches and searches, in artifacts/demo.")
    .IsDependentOn("Build")
    .Does(() => DotNetRun("Cclm.Training", "demo", new DotNetRunSettings { Configuration = configuration, NoBuild = true }));

Task("Default")
    .Description("What has to hold before a change is shared.")
    .IsDependentOn("Format")
    .IsDependentOn("Build")
    .IsDependentOn("Test");

RunTarget(target);
