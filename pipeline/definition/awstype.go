package definition

import (
	"slices"
	"strings"

	"github.com/penstock-cd/penstock/pipeline"
)

// awsActionType returns what CodePipeline offers under a name in a category; the
// empty category means what the name alone means.
func (r *reader) awsActionType(name string, category pipeline.Category) (pipeline.ActionTypeInfo, bool) {
	for _, t := range r.aws {
		if strings.EqualFold(t.Name, name) && (category == "" || slices.Contains(t.Categories, category)) {
			return t, true
		}
	}
	return pipeline.ActionTypeInfo{}, false
}

// awsActionTypes are the action types of CodePipeline, with their keys and the
// numbers of their artifacts. Where a name has several, the first is what the
// name alone means.
func awsActionTypes() []pipeline.ActionTypeInfo {
	return slices.Concat(awsSources(), awsBuilds(), awsDeploys(), awsContainers(), awsInvokes())
}

// awsType is a type that is known and cannot run yet.
func awsType(name string, category pipeline.Category, inputs, outputs [2]int, properties ...pipeline.ConfigurationProperty) pipeline.ActionTypeInfo {
	return pipeline.ActionTypeInfo{
		Name: name, Owner: defaultOwner, Categories: []pipeline.Category{category}, Properties: properties, NotYetSupported: true,
		MinInputs: inputs[0], MaxInputs: inputs[1], MinOutputs: outputs[0], MaxOutputs: outputs[1],
	}
}

func thirdParty(t pipeline.ActionTypeInfo) pipeline.ActionTypeInfo {
	t.Owner = "ThirdParty"
	return t
}

func making(t pipeline.ActionTypeInfo, variables ...string) pipeline.ActionTypeInfo {
	t.OutputVariables = variables
	return t
}

func secretKey(name, about string) pipeline.ConfigurationProperty {
	p := required(name, about)
	p.Secret = true
	return p
}

// between is a number of artifacts.
func between(low, high int) [2]int { return [2]int{low, high} }

func awsSources() []pipeline.ActionTypeInfo {
	source := func(name string, properties ...pipeline.ConfigurationProperty) pipeline.ActionTypeInfo {
		return awsType(name, pipeline.CategorySource, between(0, 0), between(1, 1), properties...)
	}
	format := oneOf(optional("OutputArtifactFormat", "how the artifact is packed", ""), "CODE_ZIP", "CODEBUILD_CLONE_REF")
	polls := boolean("PollForSourceChanges", "whether AWS asks for changes", "")
	return []pipeline.ActionTypeInfo{
		making(source("CodeStarSourceConnection", required("ConnectionArn", "the connection"), required("FullRepositoryId", "owner/name of the repository"),
			required("BranchName", "the branch"), format, boolean("DetectChanges", "whether a push starts the pipeline", "")),
			"AuthorDate", "BranchName", "CommitId", "CommitMessage", "ConnectionArn", "FullRepositoryName", "PullRequestId", "PullRequestTitle"),
		making(thirdParty(source("GitHub", required("Owner", "the owner of the repository"), required("Repo", "the name of the repository"),
			required("Branch", "the branch"), secretKey("OAuthToken", "a token; AWS prints ****"), polls)),
			"AuthorDate", "BranchName", "CommitId", "CommitMessage", "CommitterDate", "CommitUrl", "RepositoryName"),
		making(source("CodeCommit", required("RepositoryName", "the name of the repository"), required("BranchName", "the branch"), polls, format),
			"AuthorDate", "BranchName", "CommitId", "CommitMessage", "CommitterDate", "RepositoryName"),
		making(source("ECR", required("RepositoryName", "the repository of images"), optional("ImageTag", "the tag; left out: latest", "")),
			"ImageDigest", "ImageTag", "ImageURI", "RegistryId", "RepositoryName"),
	}
}

func awsBuilds() []pipeline.ActionTypeInfo {
	codeBuild := awsType("CodeBuild", pipeline.CategoryBuild, between(1, 5), between(0, 5),
		required("ProjectName", "the project"), optional("PrimarySource", "the artifact that is the working folder; needed with several", ""),
		boolean("BatchEnabled", "whether it is a batch build", ""), boolean("CombineArtifacts", "whether a batch's artifacts are joined; needs BatchEnabled", ""),
		optional("EnvironmentVariables", "a list of {name, value, type}, as JSON", ""))
	codeBuild.Categories = []pipeline.Category{pipeline.CategoryBuild, pipeline.CategoryTest}
	jenkins := awsType("Jenkins", pipeline.CategoryBuild, between(0, 5), between(0, 5), required("ProjectName", "the job"))
	jenkins.Categories, jenkins.Owner = []pipeline.Category{pipeline.CategoryBuild, pipeline.CategoryTest}, "Custom"
	commands := awsType("Commands", pipeline.CategoryCompute, between(1, 10), between(0, 1),
		oneOf(optional("EnvironmentType", "the sort of machine", ""), "LINUX_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"),
		oneOf(optional("ComputeType", "the size of the machine", ""), "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"),
		optional("VpcId", "the network", ""), optional("Subnets", "the subnets", ""), optional("SecurityGroupIds", "the security groups", ""))
	commands.TakesCommands = true
	test := func(name string) pipeline.ActionTypeInfo {
		return thirdParty(awsType(name, pipeline.CategoryTest, between(1, 1), between(0, 1)))
	}
	return []pipeline.ActionTypeInfo{
		codeBuild, jenkins, commands,
		making(awsType("ECRBuildAndPublish", pipeline.CategoryBuild, between(1, 1), between(0, 0),
			required("ECRRepositoryName", "the repository of images"), optional("DockerFilePath", "the folder of the Dockerfile", ""),
			optional("ImageTags", "tags, with commas between; left out: latest", ""), oneOf(optional("RegistryType", "the sort of registry", ""), "private", "public")),
			"ECRImageDigestId", "ECRRepositoryName"),
		awsType("DeviceFarm", pipeline.CategoryTest, between(1, 1), between(0, 0), deviceFarmKeys()...),
		test("BlazeMeter"), test("GhostInspector"), test("StormRunner"), test("Runscope"),
	}
}

func deviceFarmKeys() []pipeline.ConfigurationProperty {
	keys := []pipeline.ConfigurationProperty{
		oneOf(required("AppType", "the sort of app"), "Android", "iOS", "Web"), required("ProjectId", "the project"), required("App", "the app in the artifact"),
		required("DevicePoolArn", "the devices"), required("TestType", "the sort of test"), optional("AppiumVersion", "the version of Appium", ""),
		optional("TestSpec", "the test specification in the artifact", ""), optional("Test", "the tests in the artifact", ""),
		optional("RadioBluetoothEnabled", "", ""),
	}
	for _, name := range []string{"RecordAppPerformanceData", "RecordVideo", "RadioGpsEnabled", "RadioNfcEnabled", "RadioWifiEnabled"} {
		keys = append(keys, boolean(name, "", ""))
	}
	for _, name := range []string{"FuzzEventCount", "FuzzEventThrottle", "FuzzRandomizerSeed", "JobTimeoutMinutes", "Latitude", "Longitude"} {
		keys = append(keys, numeric(name, "", ""))
	}
	return keys
}
